"""``gridplan levels``: communities, grids, micro-grids and building heads of a source in one tree."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said, require_geopackage, rules_of
from gridplan.cli.options import (
    BAD_INPUT,
    AcceptOption,
    Effort,
    EffortOption,
    EstimateOption,
    JobsOption,
    Lang,
    LangOption,
    RulesOption,
    SeedOption,
    SourceArgument,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridplan.district import District
    from gridplan.levels import Tree
    from gridplan.plan import Plan
    from gridplan.rules import Rules

KNOWN = ("community", "grid", "micro")
NAMES = {
    "zh": {"community": "社区", "grid": "网格", "micro": "微网格"},
    "en": {"community": "communities", "grid": "grids", "micro": "micro-grids"},
}


class WithinOption(StrEnum):
    """What communities are cut from."""

    COMMUNITY = "community"
    TOWN = "town"


def levels(
    source: SourceArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="TREE.gpkg", help="The tree to write.")],
    *,
    wanted: Annotated[
        str,
        typer.Option(
            "--levels",
            metavar="LIST",
            help="Levels, by commas: community (3,000-5,000 households, proposed), grid (300-500), micro (30-50).",
        ),
    ] = "grid,micro",
    within: Annotated[
        WithinOption,
        typer.Option("--within", help="community: cut those above the maximum; town: draw a town's anew."),
    ] = WithinOption.COMMUNITY,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN.gpkg", help="Take the grids of this plan instead of cutting them."),
    ] = None,
    write_to: Annotated[
        Path | None,
        typer.Option("--write-source", metavar="F.gpkg", help="Also write the source with the proposed communities."),
    ] = None,
    rules_file: RulesOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    effort: EffortOption = Effort.NORMAL,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where any level has violations.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Cut a source into every level, one inside the other, with one tree of codes.

    TREE.gpkg is a plan (layers grids, units, violations, lineage) with the layers levels (all areas of all levels),
    level_violations and heads (the listing of building heads, to be filled in), and community_lineage where
    communities are proposed; TREE.report.json lies beside it. Bands and code templates stand in the rules under
    [communities] and [micro]. Exit 0 done, 1 violations with --strict, 2 bad input: then nothing is written.
    """
    chosen = _chosen(wanted, plan_file, write_to)
    require_geopackage(output, write_to)
    with faults_said(lang.value):
        from gridplan.sources import read_source, write_source

        district = read_source(source, accept=accept or [], estimate=estimate)
        rules = rules_of(district, rules_file, seed)
        options = {"jobs": jobs or os.cpu_count() or 1, "effort": effort.value}
        district, plans, tree = _made(district, rules, chosen, within.value, plan_file, options, lang.value)
        _write(plans, tree, output)
        if write_to is not None:
            write_source(district, write_to)
    typer.echo(_summary(tree, lang.value))
    typer.echo(f"{'层级' if lang.value == 'zh' else 'tree'}: {output}")
    if strict and len(tree.violations):
        raise typer.Exit(1)


def _chosen(wanted: str, plan_file: Path | None, write_to: Path | None) -> set[str]:
    chosen = {name.strip() for name in wanted.split(",") if name.strip()}
    unknown = sorted(chosen - set(KNOWN))
    if unknown or not chosen:
        _refuse(f"--levels: expected some of {', '.join(KNOWN)}, by commas; found {wanted!r}")
    if plan_file is not None and "community" in chosen:
        _refuse("--plan gives the grids of today's communities; leave community out of --levels")
    if write_to is not None and "community" not in chosen:
        _refuse("--write-source writes proposed communities; add community to --levels")
    return chosen


def _refuse(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(BAD_INPUT)


def _made(
    district: District,
    rules: Rules,
    chosen: set[str],
    within: Any,
    plan_file: Path | None,
    options: Mapping[str, Any],
    lang: str,
) -> tuple[District, dict[str, Plan], Tree]:
    """Cut the chosen levels from the top; return the district as cut, the plans by level, and the tree."""
    from gridplan.cli.progress import bar
    from gridplan.levels import plan_micro, propose_communities, tree_of
    from gridplan.plan import build_plan, read_plan

    plans: dict[str, Plan] = {}
    if "community" in chosen:
        proposal = propose_communities(district, rules, within=within, **options)
        district = proposal.district
        if proposal.plan is not None:
            plans["community"] = proposal.plan
    with bar(len(district.communities), lang) as progress:
        plans["grid"] = (
            build_plan(district, rules, progress=progress, **options) if plan_file is None else read_plan(plan_file)
        )
    if "micro" in chosen:
        with bar(len(plans["grid"].grids), lang) as progress:
            plans["micro"] = plan_micro(district, plans["grid"], rules, progress=progress, **options)
    return district, plans, tree_of(district, plans["grid"], plans.get("micro"), plans.get("community"))


def _write(plans: Mapping[str, Plan], tree: Tree, output: Path) -> None:
    from gridplan.errors import GridplanError
    from gridplan.levels import nesting_faults
    from gridplan.output import plan_layers, write_layers

    faults = nesting_faults(tree)
    if faults:
        raise GridplanError("the levels do not nest, which is a defect of gridplan: " + "; ".join(faults[:5]))
    layers = {
        **plan_layers(plans["grid"]),
        "levels": tree.levels,
        "level_violations": tree.violations,
        "heads": tree.heads,
    }
    if "community" in plans:
        layers["community_lineage"] = plans["community"].lineage
    measures = {level: plan.report.get("measures") for level, plan in plans.items()}
    write_layers(layers, {**plans["grid"].report, "levels": measures}, output)


def _summary(tree: Tree, lang: str) -> str:
    from gridplan.words import grouped

    lines = []
    for level in KNOWN:
        areas = tree.levels[tree.levels["level"] == level]
        if not len(areas):
            continue
        found = int((tree.violations["level"] == level).sum())
        low, high, total = (int(areas["households"].agg(name)) for name in ("min", "max", "sum"))
        name = NAMES[lang][level]
        lines.append(
            f"{name} {len(areas)} 个，共 {grouped(total)} 户，每个 {low}–{high} 户；例外 {found} 项"
            if lang == "zh"
            else f"{len(areas)} {name}, {grouped(total)} households, {low}-{high} each; {found} violations"
        )
    heads = len(tree.heads)
    lines.append(f"楼栋长名册 {heads} 行" if lang == "zh" else f"{heads} rows in the listing of building heads")
    return "\n".join(lines)
