"""Options that several commands take, each said once: the same words, metavars and bounds everywhere."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

BAD_INPUT = 2


class Lang(StrEnum):
    """Languages of what people read."""

    EN = "en"
    ZH = "zh"


class Effort(StrEnum):
    """How hard to search."""

    QUICK = "quick"
    NORMAL = "normal"
    BEST = "best"


SourceArgument = Annotated[
    Path, typer.Argument(help="A GeoPackage, or a gridplan.toml that says where the layers are.")
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", metavar="PLAN.gpkg", help="The plan to write.")]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", metavar="F", help="A rules.toml; its keys go before the source's.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of the random numbers.")]
JobsOption = Annotated[int | None, typer.Option("--jobs", min=1, help="Processes to use; the result is the same.")]
MapOption = Annotated[Path | None, typer.Option("--map", metavar="F.html", help="Also write a map page.")]
EffortOption = Annotated[Effort, typer.Option("--effort", help="How hard to search.")]
TimeLimitOption = Annotated[
    float | None, typer.Option("--time-limit", metavar="S", min=0.0, help="Begin no search after S seconds.")
]
AcceptOption = Annotated[
    list[str] | None, typer.Option("--accept", metavar="CODE", help="Go on in spite of this fault; repeatable.")
]
EstimateOption = Annotated[
    bool, typer.Option("--estimate", help="Estimate missing households from persons, footprint and floors.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit 1 where the plan has violations.")]
FirstOption = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day.")]
LastOption = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Last day, included.")]
HandlingOption = Annotated[
    Path | None,
    typer.Option("--handling", metavar="F.toml", help="Your calendar, categories, deadlines and workflows."),
]
LangOption = Annotated[
    Lang, typer.Option("--lang", envvar="GRIDPLAN_LANG", help="Language of messages and of what is made for people.")
]
