"""``gridplan plan``: a district in, a grid plan out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said, rules_of
from gridplan.cli.options import (
    BAD_INPUT,
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
    TimeLimitOption,
)

if TYPE_CHECKING:
    from gridplan.district import District
    from gridplan.plan import Plan


def plan(
    source: SourceArgument,
    output: OutputOption,
    *,
    rules_file: RulesOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    map_path: MapOption = None,
    effort: EffortOption = Effort.NORMAL,
    time_limit: TimeLimitOption = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove", help="Bound each connected part of up to 210 units by an exact model; needs the extra `prove`."
        ),
    ] = False,
    prove_limit: Annotated[
        float, typer.Option("--prove-limit", metavar="S", min=1.0, help="Seconds of --prove for each part.")
    ] = 120.0,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    dask: Annotated[
        str | None,
        typer.Option("--dask", metavar="ADDRESS", help="Plan on the workers of this Dask scheduler; same result."),
    ] = None,
    strict: StrictOption = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Cut every community of a source into grids and write the plan.

    Writes PLAN.gpkg with the layers grids, units, violations and lineage, and PLAN.report.json beside it. Exit 0
    done, 1 done with violations under --strict, 2 bad input: then nothing is written.
    """
    made = run_plan(
        source,
        output,
        map_path,
        rules_file=rules_file,
        seed=seed,
        jobs=jobs,
        effort=effort.value,
        time_limit=time_limit,
        prove_s=prove_limit if prove else None,
        accept=accept or [],
        estimate=estimate,
        lang=lang.value,
        dask=dask,
    )
    if strict and len(made.violations):
        raise typer.Exit(1)


def run_plan(
    source: Path,
    output: Path,
    map_path: Path | None = None,
    *,
    rules_file: Path | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    effort: Any = "normal",
    time_limit: float | None = None,
    prove_s: float | None = None,
    accept: list[str] | None = None,
    estimate: bool = False,
    lang: Any = "en",
    dask: str | None = None,
    revise: Mapping[str, Any] | None = None,
) -> Plan:
    """
    Read a source, plan it, write the plan, and print a summary.

    Parameters
    ----------
    source, output, map_path
        Source to read; plan and map to write.
    rules_file, seed, jobs, effort, time_limit, accept, estimate, lang, dask
        As the options of ``gridplan plan``.
    prove_s
        Seconds for the proof of each part, with ``--prove``; None without.
    revise
        Keys of the rules' table ``revise``: today's grids are revised; None cuts afresh.

    Raises
    ------
    typer.Exit
        With code 2 for bad input or rules; nothing is written then.
    """
    from gridplan.cli.progress import bar
    from gridplan.cli.warm import warm_up

    _require_folders(output, map_path)
    if prove_s is not None:
        _require_solver()
    warm = warm_up()
    with faults_said(lang):
        from gridplan.plan import build_plan
        from gridplan.rules import rules_from
        from gridplan.sources import read_source

        district = read_source(source, accept=accept or [], estimate=estimate)
        rules = rules_from({"revise": dict(revise or {})}, base=rules_of(district, rules_file, seed))
        if revise is not None:
            _require_grids(district, source)
        warm.wait()
        with bar(len(district.communities), lang) as progress:
            made = build_plan(
                district,
                rules,
                jobs=jobs or os.cpu_count() or 1,
                effort=effort,
                time_limit=time_limit,
                progress=progress,
                prove_s=prove_s,
                cluster=dask,
                revising=revise is not None,
            )
        _write(made, district, output, map_path, lang)
    _summarise(made, output, map_path, lang)
    return made


def _require_solver() -> None:
    """Refuse at once to prove without the solver."""
    from gridplan.partition.exact_highs import SolverMissingError, require_solver

    try:
        require_solver()
    except SolverMissingError as error:
        typer.echo(f"error: --prove: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _require_folders(output: Path, map_path: Path | None) -> None:
    """Refuse at once what would fail after the work is done."""
    if output.suffix.lower() != ".gpkg":
        typer.echo(f"error: {output}: a plan is a GeoPackage; give it a name that ends in .gpkg", err=True)
        raise typer.Exit(BAD_INPUT)
    for path in (output, map_path):
        if path is not None and not path.absolute().parent.is_dir():
            typer.echo(f"error: {path}: the folder {path.absolute().parent} does not exist; make it first", err=True)
            raise typer.Exit(BAD_INPUT)


def _require_grids(district: District, source: Path) -> None:
    from gridplan.errors import RulesError

    if district.grids is None or not len(district.grids):
        raise RulesError(f"{source}: nothing to revise: the source has no layer `grids`; `gridplan plan` cuts afresh")


def _write(made: Plan, district: District, output: Path, map_path: Path | None, lang: Any) -> None:
    from gridplan.output import write_plan

    page = None
    if map_path is not None:
        from maps import plan_page

        page = plan_page(
            made.grids,
            made.units,
            made.violations,
            barriers=district.barriers,
            communities=district.communities,
            report=dict(made.report),
            title=district.name,
            lang=lang,
        )
    write_plan(made, output, page=page, page_path=map_path)


def _summarise(made: Plan, output: Path, map_path: Path | None, lang: Any) -> None:
    from gridplan.summary import summary

    typer.echo(summary(made, lang))
    typer.echo(f"{'方案' if lang == 'zh' else 'plan'}: {output}")
    if map_path is not None:
        typer.echo(f"{'地图' if lang == 'zh' else 'map'}: {map_path}")
