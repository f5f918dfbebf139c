"""``gridplan publish``: a plan comes into force on a day, in one step, or nothing happens."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import Lang, LangOption

if TYPE_CHECKING:
    from gridplan.plan import Plan
    from gridplan.store import PlanInfo


def publish(
    plan: Annotated[str, typer.Argument(help="A plan's file (PLAN.gpkg), or the id of a plan in the store.")],
    *,
    valid_from: Annotated[
        datetime | None,
        typer.Option(
            "--valid-from", metavar="DATE", formats=["%Y-%m-%d"], help="First day in force; today by default."
        ),
    ] = None,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    name: Annotated[str, typer.Option("--name", help="What to call the plan, where PLAN is a file.")] = "",
    scope: Annotated[
        str | None,
        typer.Option(
            "--scope",
            metavar="PREFIX",
            help="What a file's plan is a plan of: a prefix of its community codes. By default the smallest street, "
            "district or city that holds them all.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="ID", help="The published plan from which a file's plan was made."),
    ] = None,
    allow_fewer: Annotated[
        bool, typer.Option("--allow-fewer", help="Communities that have grids now may have none afterwards.")
    ] = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Publish a plan: in force from a day on, and what was in force there until that day.

    Where the rules ask for it (their table approval), the plan must have been submitted and approved before: gridplan
    plans save, submit, approve. Refused, with nothing changed, where somebody published since the plan was begun, or
    where it brings retired codes back.
    """
    with shelf.opened(store, lang.value) as opened:
        made = opened.publish(
            plan_or_id(plan),
            by=shelf.person(by),
            valid_from=None if valid_from is None else valid_from.date(),
            reason=reason,
            name=name,
            scope=scope,
            base=base,
            allow_fewer=allow_fewer,
        )
        details = opened.history(made.plan_id)[-1].details
    typer.echo(_said(made, details["replaces"], lang.value))


def plan_or_id(text: str) -> str | Plan:
    """
    Return the plan of a file, or an id as it is.

    Parameters
    ----------
    text
        Path of a GeoPackage, or an id.
    """
    if not (text.lower().endswith(".gpkg") or Path(text).exists()):
        return text
    from gridplan.plan import read_plan

    return read_plan(text)


def _said(made: PlanInfo, replaced: list[str], lang: Any) -> str:
    from gridplan.words import day

    if lang == "zh":
        said = f"已发布 {made.plan_id}（范围 {made.scope or '全部'}），{day(str(made.valid_from))}启用"
        return said + (f"；取代 {'、'.join(replaced)}" if replaced else "")
    said = f"published {made.plan_id} (scope {made.scope or 'all'}), in force from {made.valid_from}"
    return said + (f"; it replaces {', '.join(replaced)}" if replaced else "")
