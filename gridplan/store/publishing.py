"""Publishing: one transaction that retires what was in force and puts a plan in its place, or changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from gridplan.errors import PlanStateError, StaleBaseError
from gridplan.store.approval import approval_rules, require_approved
from gridplan.store.contents import read_parts
from gridplan.store.drafts import read_plan, record
from gridplan.store.parts import REPORT, plan_report
from gridplan.store.queries import history, names_of, open_publications, published_since
from gridplan.store.records import PlanInfo, State, Step
from gridplan.store.register import (
    codes_of,
    communities_of,
    register_codes,
    register_grids,
    register_lineage,
    retire_codes,
)
from gridplan.store.succession import lineage_from
from gridplan.store.tables import edits, plans, publications, retirements

if TYPE_CHECKING:
    from gridplan.plan import Plan


def publish(
    connection: sa.Connection, info: PlanInfo, valid_from: date, step: Step, *, allow_fewer: bool = False
) -> None:
    """
    Publish a plan and retire those that it replaces.

    Parameters
    ----------
    connection
        A writing transaction; when an error is raised it must be rolled back.
    info
        The plan.
    valid_from
        First day on which it is in force.
    step
        Who publishes, when and why.
    allow_fewer
        Whether communities that were in force may be left without grids.

    Raises
    ------
    PlanStateError
        If its state, the rules of approval, the day or its communities do not allow it.
    StaleBaseError
        If somebody published there since the plan was begun.
    CodeReusedError
        If it brings retired codes back.
    """
    if info.state not in {State.DRAFT, State.SUBMITTED, State.APPROVED}:
        raise PlanStateError(f"{info.plan_id} is {info.state.value}; only a plan that was not published can be")
    _require_newest_base(connection, info, step.today)
    replaced = open_publications(connection, info.scope, step.today)
    plan = read_plan(connection, info)
    _require_place(info, replaced, valid_from)
    if not allow_fewer:
        _require_communities(connection, info, plan, replaced)
    rules = approval_rules([plan.report, *(report_of(connection, each) for each in replaced)])
    require_approved(info, rules, history(connection, info.plan_id), authors_of(connection, info))
    _write(connection, info, plan, replaced, valid_from, step)


def retire(connection: sa.Connection, info: PlanInfo, valid_to: date, step: Step) -> None:
    """
    Take a published plan out of force with nothing in its place.

    Parameters
    ----------
    connection
        A writing transaction.
    info
        The plan.
    valid_to
        First day on which it is not in force; not before today, since answers given are not changed.
    step
        Who retires it, when and why.

    Raises
    ------
    PlanStateError
        If the plan is not published, is retired, or the day has passed.
    """
    if info.valid_from is None or info.valid_to is not None:
        raise PlanStateError(f"{info.plan_id} is not in force for good: it is {info.state.value}")
    if valid_to < max(info.valid_from, step.today):
        least = max(info.valid_from, step.today)
        raise PlanStateError(f"{info.plan_id} can be retired from {least} on; found {valid_to}")
    _retire(connection, info, valid_to, step, "retire", None)
    retire_codes(connection, [info.plan_id], info.plan_id)


def authors_of(connection: sa.Connection, info: PlanInfo) -> set[str]:
    """Return everybody who made a plan: its author and the authors of its edits."""
    query = sa.select(edits.c.author).distinct().where(edits.c.plan_id == info.plan_id)
    return {info.author, *connection.scalars(query)}


def report_of(connection: sa.Connection, info: PlanInfo) -> dict[str, Any]:
    """Return the report of a plan, without reading its layers."""
    return plan_report(read_parts(connection, info.plan_id, layer=REPORT))


def _require_newest_base(connection: sa.Connection, info: PlanInfo, today: date) -> None:
    since = published_since(connection, info.scope, info.base, today)
    if not since:
        return
    last = since[-1]
    raise StaleBaseError(
        f"{last.published_by} published {last.plan_id} at {last.published_at:%Y-%m-%d %H:%M} UTC, after {info.plan_id} "
        f"was begun; nothing was published. Compare the two (`gridplan diff`), and make the plan anew from "
        f"{last.plan_id}",
        plan_id=last.plan_id,
        by=str(last.published_by),
        at=last.published_at or info.created_at,
    )


def _require_place(info: PlanInfo, replaced: Sequence[PlanInfo], valid_from: date) -> None:
    """Refuse what would cut a piece out of a plan in force, or come before it."""
    wider = [each for each in replaced if len(each.scope) < len(info.scope)]
    if wider:
        raise PlanStateError(
            f"{info.plan_id} plans {info.scope} alone, a part of what is in force as a whole: {names_of(wider)}; "
            "publish a plan of the whole"
        )
    later = [each for each in replaced if each.valid_from is not None and each.valid_from > valid_from]
    if later:
        raise PlanStateError(f"valid from {valid_from} comes before what is published already: {names_of(later)}")


def _require_communities(connection: sa.Connection, info: PlanInfo, plan: Plan, replaced: Sequence[PlanInfo]) -> None:
    there = communities_of(connection, [each.plan_id for each in replaced])
    lost = sorted(there - set(plan.grids["community_code"]))
    if lost:
        raise PlanStateError(
            f"{info.plan_id} has no grids for {len(lost)} communities that have some now ({', '.join(lost[:10])}); "
            "publish a plan of all, or say that they shall have none (--allow-fewer)"
        )


def _write(
    connection: sa.Connection,
    info: PlanInfo,
    plan: Plan,
    replaced: Sequence[PlanInfo],
    valid_from: date,
    step: Step,
) -> None:
    """Write all that a publication is; the row in ``publications`` last, from when on the rest stands still."""
    register_codes(connection, info, plan, replaced)
    register_grids(connection, info.plan_id, plan)
    register_lineage(connection, info.plan_id, _lineage(connection, plan, replaced))
    for each in replaced:
        _retire(connection, each, valid_from, step, "supersede", info.plan_id)
    connection.execute(sa.update(plans).where(plans.c.plan_id == info.plan_id).values(state=State.PUBLISHED.value))
    details = {"valid_from": valid_from.isoformat(), "replaces": [each.plan_id for each in replaced]}
    record(connection, info, "publish", State.PUBLISHED, step, details=details)
    number = int(connection.scalar(sa.select(sa.func.max(publications.c.number))) or 0) + 1
    row = {"plan_id": info.plan_id, "number": number, "scope": info.scope, "valid_from": valid_from}
    connection.execute(sa.insert(publications).values(**row, published_by=step.by, published_at=step.at))


def _lineage(connection: sa.Connection, plan: Plan, replaced: Sequence[PlanInfo]) -> pd.DataFrame:
    """Return a plan's own lineage where it was made from the plans that it replaces, else one by buildings."""
    held = codes_of(connection, [each.plan_id for each in replaced])
    if held <= set(plan.lineage["old_code"].dropna()):
        return plan.lineage
    return lineage_from([read_plan(connection, each) for each in replaced], plan)


def _retire(
    connection: sa.Connection, info: PlanInfo, valid_to: date, step: Step, action: str, successor: str | None
) -> None:
    row = {"plan_id": info.plan_id, "successor": successor, "valid_to": valid_to}
    connection.execute(sa.insert(retirements).values(**row, retired_by=step.by, retired_at=step.at))
    details = {"valid_to": valid_to.isoformat(), "successor": successor}
    record(connection, info, action, State.RETIRED, step, details=details)
