"""``gridplan plans``: what is in the store, and a plan's way from draft to approval."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.guard import require_geopackage
from gridplan.cli.options import Lang, LangOption

plans = typer.Typer(
    name="plans",
    help="Plans in the store: list, show, save, submit, approve, write to a file. gridplan publish puts one in force.",
    no_args_is_help=True,
)


@plans.command("list")
def list_plans(
    *,
    scope: shelf.ScopeOption = "",
    state: Annotated[
        str | None, typer.Option("--state", help="draft, submitted, approved, published, retired or discarded.")
    ] = None,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """List plans, oldest first: id, state, days in force, scope, author, name."""
    with shelf.opened(store, lang.value) as opened:
        found = opened.plans(scope, state=state)
    if as_json:
        shelf.said([shelf.plain(plan) for plan in found])
    for plan in () if as_json else found:
        typer.echo(shelf.row(plan, lang.value))


@plans.command("show")
def show(
    plan_id: shelf.PlanArgument,
    *,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Show a plan: every step of its life and every edit, with who, when and why."""
    with shelf.opened(store, lang.value) as opened:
        info, events, edits = opened.info(plan_id), opened.history(plan_id), opened.edits(plan_id)
    if as_json:
        told = {"events": [shelf.plain(event) for event in events], "edits": [edit.to_dict() for edit in edits]}
        shelf.said({**shelf.plain(info), **told})
        return
    typer.echo(shelf.row(info, lang.value))
    steps = [(event.at, event.by, event.action, event.reason) for event in events]
    steps += [(edit.at, edit.author, f"  {edit.action}", edit.reason) for edit in edits]
    for at, by, action, reason in sorted(steps, key=lambda step: step[0]):
        typer.echo(f"{at:%Y-%m-%d %H:%M:%S}Z  {by}  {action}  {reason}".rstrip())


@plans.command("in-force")
def in_force(
    *,
    on: Annotated[
        datetime | None,
        typer.Option("--on", metavar="DATE", formats=["%Y-%m-%d"], help="The day; today by default."),
    ] = None,
    scope: shelf.ScopeOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Say which plans are, or were, in force on a day."""
    with shelf.opened(store, lang.value) as opened:
        found = opened.all_in_force(None if on is None else on.date(), scope)
    if as_json:
        shelf.said([shelf.plain(plan) for plan in found])
    for plan in () if as_json else found:
        typer.echo(shelf.row(plan, lang.value))


@plans.command("save")
def save(
    plan: Annotated[Path, typer.Argument(help="A plan's file (PLAN.gpkg).")],
    *,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    name: Annotated[str, typer.Option("--name", help="What to call it.")] = "",
    scope: Annotated[
        str | None, typer.Option("--scope", metavar="PREFIX", help="What it is a plan of; see gridplan publish --help.")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="ID", help="The published plan from which it was made.")
    ] = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Keep a plan's file in the store as a draft, with its edits; print its id."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.plan import read_plan

        made = opened.save_draft(
            read_plan(plan), author=shelf.person(by), name=name, scope=scope, base=base, reason=reason
        )
    typer.echo(shelf.row(made, lang.value))


@plans.command("submit")
def submit(
    plan_id: shelf.PlanArgument,
    *,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Submit a draft for approval; days of public notice count from now."""
    _step("submit", plan_id, by, reason, store, lang.value)


@plans.command("approve")
def approve(
    plan_id: shelf.PlanArgument,
    *,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Approve a submitted plan, as another person and after the days of notice where the rules ask it."""
    _step("approve", plan_id, by, reason, store, lang.value)


@plans.command("send-back")
def send_back(
    plan_id: shelf.PlanArgument,
    reason: Annotated[str, typer.Option("--reason", help="What is to be changed.", show_default=False)],
    *,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Make a submitted or approved plan a draft again."""
    _step("send_back", plan_id, by, reason, store, lang.value)


@plans.command("discard")
def discard(
    plan_id: shelf.PlanArgument,
    *,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Give up a plan that was not published; it stays readable."""
    _step("discard", plan_id, by, reason, store, lang.value)


@plans.command("retire")
def retire(
    plan_id: shelf.PlanArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why nothing takes its place.", show_default=False)],
    *,
    valid_to: Annotated[
        datetime | None,
        typer.Option(
            "--valid-to", metavar="DATE", formats=["%Y-%m-%d"], help="First day not in force; today by default."
        ),
    ] = None,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Take a published plan out of force with nothing in its place; publishing another retires it by itself."""
    with shelf.opened(store, lang.value) as opened:
        day = None if valid_to is None else valid_to.date()
        made = opened.retire(plan_id, by=shelf.person(by), reason=reason, valid_to=day)
    typer.echo(shelf.row(made, lang.value))


@plans.command("write")
def write(
    plan_id: shelf.PlanArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PLAN.gpkg", help="The file to write.")],
    *,
    begin: Annotated[
        bool, typer.Option("--begin", help="As the draft that follows a published plan, to be edited or revised.")
    ] = False,
    revision: Annotated[
        int | None, typer.Option("--revision", min=0, help="As it was after the n-th saving of edits.")
    ] = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write a plan of the store to a file, as gridplan plan does."""
    require_geopackage(output)
    with shelf.opened(store, lang.value) as opened:
        from gridplan.output import write_plan

        write_plan(opened.begin(plan_id) if begin else opened.load(plan_id, revision=revision), output)
    typer.echo(str(output))


def _step(step: str, plan_id: str, by: str | None, reason: str, store: str | None, lang: Any) -> None:
    with shelf.opened(store, lang) as opened:
        made = getattr(opened, step)(plan_id, by=shelf.person(by), reason=reason)
    typer.echo(shelf.row(made, lang))
