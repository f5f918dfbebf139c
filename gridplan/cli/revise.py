"""``gridplan revise``: today's grids and new households in, revised grids out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

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
    StrictOption,
    TimeLimitOption,
)
from gridplan.cli.plan import run_plan


class ModeOption(StrEnum):
    """How much of today's grids is kept."""

    REPAIR = "repair"
    BALANCE = "balance"
    FREE = "free"


def revise(
    source: Annotated[Path, typer.Argument(help="A source that has today's grids in its layer `grids`.")],
    output: OutputOption,
    *,
    mode: Annotated[
        ModeOption | None,
        typer.Option(
            "--mode",
            help="repair: move as few households as the rules need (the default); balance: spend --budget on even "
            "work and shape; free: cut afresh, codes follow where half the households stay.",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget", metavar="P", min=0.0, max=100.0, help="Per cent of households that may move; 5 by default."
        ),
    ] = None,
    rules_file: RulesOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    map_path: MapOption = None,
    effort: EffortOption = Effort.NORMAL,
    time_limit: TimeLimitOption = None,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    strict: StrictOption = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Revise today's grids where households have changed, and write the new plan.

    Grids that still fit stay with their codes and boundaries; what fell below the band is filled up or merged, what
    rose above is relieved or split. The layer lineage says which household comes from which grid. Locked grids
    (column locked) stay as they are. Exit 0 done, 1 done with violations under --strict, 2 bad input.
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
        accept=accept or [],
        estimate=estimate,
        lang=lang.value,
        revise={
            **({} if mode is None else {"mode": mode.value}),
            **({} if budget is None else {"budget": budget / 100.0}),
        },
    )
    if strict and len(made.violations):
        raise typer.Exit(1)
