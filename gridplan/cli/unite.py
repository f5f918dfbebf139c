"""``gridplan unite``: departments' overlapping layers of grids in, one plan and what theirs became out."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said, require_geopackage, rules_of
from gridplan.cli.options import (
    AcceptOption,
    Effort,
    EffortOption,
    EstimateOption,
    JobsOption,
    Lang,
    LangOption,
    MapOption,
    OutputOption,
    RulesOption,
    SeedOption,
    SourceArgument,
    StrictOption,
)

if TYPE_CHECKING:
    from gridplan.district import District
    from gridplan.uniting.read import LayerSource
    from gridplan.uniting.unite import United


class DatumOption(StrEnum):
    """Datums that coordinates may stand in."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def unite(
    source: SourceArgument,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE[:LAYER]=NAME]...", help="Further layers, as --layers.")
    ] = None,
    *,
    output: OutputOption,
    layers: Annotated[
        list[str],
        typer.Option("--layers", metavar="FILE[:LAYER]=NAME", help="A department's grids and its name; repeatable."),
    ],
    code_column: Annotated[
        list[str] | None,
        typer.Option(
            "--code-column", metavar="[NAME=]COLUMN", help="Column of the grids' codes, of all or of one; grid_code."
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="CRS of the layers, where the files state none.")] = None,
    datum: Annotated[DatumOption | None, typer.Option("--datum", help="Datum of the layers' coordinates.")] = None,
    tolerance_m: Annotated[
        float,
        typer.Option("--tolerance-m", metavar="M", min=0.0, help="Buildings this near another grid are in doubt."),
    ] = 2.0,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="F", help="Also write how the layers fit: .json, else text.")
    ] = None,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN.gpkg", help="Tell of this plan, edited since, instead of a new one."),
    ] = None,
    rules_file: RulesOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    map_path: MapOption = None,
    effort: EffortOption = Effort.NORMAL,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    strict: StrictOption = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Unite several departments' layers of grids in one plan (多网合一).

    Says first how each layer fits: gaps, overlaps, slivers, grids across communities, codes, buildings in doubt. The
    plan keeps every rule and prefers borders that departments already have (rules, weights.departments). PLAN.gpkg
    has the further layers departments (what each old grid became; the households of each department add up to the
    plan's) and departments_doubtful; PLAN.departments.csv has the first as a table. After edits, --plan tells both anew
    of the plan as it has become. Exit 0 done, 1 done with
    violations under --strict, 2 bad input: then nothing is written.
    """
    require_geopackage(output, map_path, report)
    with faults_said(lang.value):
        from gridplan.plan import read_plan
        from gridplan.sources import read_source
        from gridplan.uniting.read import read_departments
        from gridplan.uniting.unite import unite as unite_departments

        wanted = _wanted([*layers, *(more or [])], code_column or [], crs, datum)
        district = read_source(source, accept=accept or [], estimate=estimate)
        made = unite_departments(
            district,
            rules_of(district, rules_file, seed),
            read_departments(wanted, district.crs),
            tolerance_m=tolerance_m,
            plan=None if plan_file is None else read_plan(plan_file),
            jobs=jobs or os.cpu_count() or 1,
            effort=effort.value,
        )
        _write(made, district, output, map_path, report, lang.value)
    _say(made, output, map_path, lang.value)
    if strict and len(made.plan.violations):
        raise typer.Exit(1)


def _wanted(layers: list[str], columns: list[str], crs: str | None, datum: DatumOption | None) -> list[LayerSource]:
    """Return where the layers are; a column with a department's name is that department's alone."""
    from dataclasses import replace

    from gridplan.errors import RulesError
    from gridplan.uniting.read import parse_layer

    parsed = [parse_layer(text) for text in layers]
    named = dict(text.split("=", 1) for text in columns if "=" in text)
    unknown = sorted(set(named) - {layer.name for layer in parsed})
    if unknown:
        raise RulesError(f"--code-column names departments that --layers does not: {', '.join(unknown)}")
    general = next((text for text in columns if "=" not in text), "grid_code")
    value: Any = None if datum is None else datum.value
    return [replace(layer, column=named.get(layer.name, general), crs=crs, datum=value) for layer in parsed]


def _write(
    made: United, district: District, output: Path, map_path: Path | None, report: Path | None, lang: Any
) -> None:
    from gridplan.uniting.write import write_united

    page = None
    if map_path is not None:
        from maps import plan_page

        page = plan_page(
            made.plan.grids,
            made.plan.units,
            made.plan.violations,
            barriers=district.barriers,
            communities=district.communities,
            report=dict(made.plan.report),
            title=district.name,
            lang=lang,
        )
    write_united(made, output, page=page, page_path=map_path, report=report, lang=lang)


def _say(made: United, output: Path, map_path: Path | None, lang: Any) -> None:
    from gridplan.summary import summary
    from gridplan.uniting.words import united_lines
    from gridplan.uniting.write import lineage_path

    zh = lang == "zh"
    typer.echo("\n".join(united_lines(made, lang)))
    typer.echo(summary(made.plan, lang))
    typer.echo(f"{'方案' if zh else 'plan'}: {output}")
    typer.echo(f"{'沿革' if zh else 'lineage'}: {lineage_path(output)}")
    if map_path is not None:
        typer.echo(f"{'地图' if zh else 'map'}: {map_path}")
