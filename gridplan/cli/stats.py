"""``gridplan stats``: numbers of a period by grid and by any level above it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import FirstOption, HandlingOption, Lang, LangOption, LastOption

if TYPE_CHECKING:
    from gridplan.incidents.summary import Summary


class LevelOption(StrEnum):
    """Levels of units that are counted."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"
    ALL = "all"


def stats(
    *,
    first: FirstOption,
    last: LastOption,
    level: Annotated[LevelOption, typer.Option("--level", help="Units that are counted.")] = LevelOption.GRID,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="ID", help="Restate on the grids of this published plan.")
    ] = None,
    category: Annotated[str | None, typer.Option("--category", help="Code of a category.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="F.csv", help="Write a table.")] = None,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Count incidents reported in a period: received, closed, in time, satisfied, each rate with its denominator.

    A rate beyond what chance explains is marked with + or -; one of a small count with ~, and is not to be ranked.
    """
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.handling import read_handling
        from gridplan.incidents.store.numbers import numbers
        from gridplan.locate.tables import write_pieces

        found = numbers(
            opened,
            read_handling(handling),
            (first.date(), last.date()),
            level=level.value,
            plan_id=plan,
            category=category,
            scope=scope,
        )
        if output is not None:
            with write_pieces(output) as write:
                write(found.summary.frame.reset_index())
    if as_json:
        shelf.said(found.to_dict())
    elif output is None:
        _tell(found.summary, lang.value)


_HEADS = (
    "code", "received", "change_on_before", "closure", "timeliness", "satisfaction", "hours_to_close",
    "per_100_households",
)  # fmt: skip


def _tell(summary: Summary, lang: Any) -> None:
    from gridplan.words import word

    typer.echo("\t".join(word(f"column.{name}", lang) for name in _HEADS))
    for row in summary.to_dicts():
        rates = [_rate(row[name]) for name in ("closure", "timeliness", "satisfaction")]
        hours = "-" if row["hours_to_close"] is None else f"{row['hours_to_close']:.1f}"
        density = row["per_100_households"]
        per = "-" if density["rate"] is None else f"{density['rate']:.2f}{_mark(density)}"
        typer.echo("\t".join([row["code"], str(row["received"]), f"{row['change']:+d}", *rates, hours, per]))
    waiting = summary.unplaced["received"]
    if waiting:
        typer.echo({"en": f"{waiting} wait for a person", "zh": f"{waiting} 件待人工核定"}[lang], err=True)


def _rate(rate: dict[str, Any]) -> str:
    counts = f"{rate['numerator']}/{rate['denominator']}"
    return f"{counts} -" if rate["rate"] is None else f"{counts} {rate['rate']:.1%}{_mark(rate)}"


def _mark(rate: dict[str, Any]) -> str:
    return {"above": "+", "below": "-"}.get(rate["flag"], "") + ("~" if rate["small"] else "")
