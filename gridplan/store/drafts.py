"""Plans before they are published: saved, edited, and read again as they were at any revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from gridplan.errors import PlanStateError, StaleBaseError, StoreError
from gridplan.store import chain
from gridplan.store.contents import read_parts, require_whole, write_parts
from gridplan.store.parts import Part, plan_of
from gridplan.store.records import PlanInfo, State, Step
from gridplan.store.register import used_codes
from gridplan.store.tables import edits, events, plans

if TYPE_CHECKING:
    from gridplan.editing.record import EditRecord
    from gridplan.plan import Plan

# Digits of province, city, district, street and community in a code of 12 digits (GB/T 2260, GB/T 10114).
LEVELS = (12, 9, 6, 4, 2)


def default_scope(communities: Sequence[str]) -> str:
    """
    Return the scope of a plan: the smallest street, district, city or province that holds all its communities.

    Parameters
    ----------
    communities
        Community codes. Where one is not of 12 digits it tells no district, and the scope is the whole store.

    Examples
    --------
    >>> default_scope(["230718001001", "230718002003"])
    '230718'
    """
    if not communities or not all(len(code) == LEVELS[0] and code.isdecimal() for code in communities):
        return ""
    shared = (level for level in LEVELS if len({code[:level] for code in communities}) == 1)
    return communities[0][: next(shared, 0)]


def insert_plan(connection: sa.Connection, found: Sequence[Part], **row: Any) -> str:
    """
    Write a new draft; return its digest.

    Parameters
    ----------
    connection
        A writing transaction.
    found
        All parts of the plan.
    row
        The other columns of ``plans``.
    """
    values = {**row, "state": State.DRAFT.value, "revision": 0, "digest": ""}
    connection.execute(sa.insert(plans).values(**values))
    digest = write_parts(connection, row["plan_id"], 0, found)
    connection.execute(sa.update(plans).where(plans.c.plan_id == row["plan_id"]).values(digest=digest))
    return digest


def write_edits(connection: sa.Connection, plan_id: str, revision: int, made: Sequence[EditRecord], after: int) -> None:
    """
    Write edits.

    Parameters
    ----------
    connection
        A writing transaction.
    plan_id, revision
        The plan, and its revision with the edits.
    made
        The edits, oldest first.
    after
        How many the plan has already.
    """
    rows = []
    for sequence, edit in enumerate(made, after + 1):
        row = {**edit.to_dict(), "at": edit.at, "plan_id": plan_id, "revision": revision, "sequence": sequence}
        rows.append({column.name: row[column.name] for column in edits.c})
    if rows:
        connection.execute(sa.insert(edits), rows)


def read_edits(connection: sa.Connection, plan_id: str, revision: int | None = None) -> list[EditRecord]:
    """Return the edits of a plan up to a revision, oldest first."""
    from gridplan.editing.record import EditRecord

    query = sa.select(edits).where(edits.c.plan_id == plan_id).order_by(edits.c.sequence)
    if revision is not None:
        query = query.where(edits.c.revision <= revision)
    own = {"plan_id", "revision", "sequence"}
    rows = (
        {**{key: value for key, value in row._mapping.items() if key not in own}, "at": row.at.isoformat()}
        for row in connection.execute(query)
    )
    return [EditRecord.from_dict(row) for row in rows]


def save_edits(connection: sa.Connection, info: PlanInfo, plan: Plan, found: Sequence[Part]) -> tuple[str, int]:
    """
    Make a draft what edits made of it.

    Parameters
    ----------
    connection
        A writing transaction.
    info
        The draft as it is in the store.
    plan
        The edited plan; its edits begin with those that the store has.
    found
        Its parts.

    Returns
    -------
    digest, count
        Of the new content, and the number of edits that were new.

    Raises
    ------
    PlanStateError
        If the plan is a draft no more, or is another than before without any edit to tell why.
    StaleBaseError
        If somebody saved other edits since.
    """
    if info.state != State.DRAFT:
        raise PlanStateError(f"{info.plan_id} is {info.state.value}; only a draft can be edited (send it back first)")
    known = _known_edits(connection, info.plan_id)
    new = plan.edits[len(known) :]
    if [row.edit_id for row in known] != [edit.edit_id for edit in plan.edits[: len(known)]]:
        last = known[-1]
        raise StaleBaseError(
            f"{last.author or 'somebody'} edited {info.plan_id} at {last.at:%Y-%m-%d %H:%M} UTC ({last.action}), after "
            "this plan was loaded; load it again and repeat the edit",
            plan_id=info.plan_id,
            by=last.author,
            at=last.at,
        )
    revision = info.revision + 1
    digest = write_parts(connection, info.plan_id, revision, found)
    if not new and digest != info.digest:
        raise PlanStateError(f"{info.plan_id}: the plan differs from the one saved, and no edit says why; save a draft")
    write_edits(connection, info.plan_id, revision, new, len(known))
    row = sa.update(plans).where(plans.c.plan_id == info.plan_id)
    connection.execute(row.values(revision=revision, digest=digest))
    return digest, len(new)


def _known_edits(connection: sa.Connection, plan_id: str) -> list[Any]:
    query = sa.select(edits.c.edit_id, edits.c.author, edits.c.at, edits.c.action)
    return list(connection.execute(query.where(edits.c.plan_id == plan_id).order_by(edits.c.sequence)))


def read_plan(connection: sa.Connection, info: PlanInfo, revision: int | None = None) -> Plan:
    """
    Return a plan as it was saved; a published one says so, and from when it is valid.

    Parameters
    ----------
    connection
        Any transaction.
    info
        The plan.
    revision
        Which of its revisions; None for the newest.

    Raises
    ------
    StoreError
        If it has no such revision; a `StoreDamagedError` if it is not what was written.
    """
    if revision is not None and not 0 <= revision <= info.revision:
        raise StoreError(f"{info.plan_id} has the revisions 0 to {info.revision}; found {revision}")
    if revision in (None, info.revision):
        require_whole(connection, info.plan_id, info.digest)
    made = tuple(read_edits(connection, info.plan_id, revision))
    plan = plan_of(read_parts(connection, info.plan_id, revision), edits=made)
    if info.state == State.DRAFT:
        return plan
    report = {**plan.report, "status": info.state.value}
    if info.valid_from is None:
        return replace(plan, report=report)
    # What the next plan needs of this one: its name, as the base, and the codes that are not given again.
    retired = sorted(used_codes(connection, info.scope) - set(plan.grids["grid_code"]))
    report |= {"plan_id": info.plan_id, "retired_codes": retired}
    days = pd.Series([info.valid_from.isoformat()] * len(plan.grids), dtype=object)
    return replace(plan, report=report, grids=plan.grids.assign(valid_from=days))


def record(
    connection: sa.Connection,
    info: PlanInfo,
    action: str,
    state: State,
    step: Step,
    *,
    digest: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """
    Write an event, and a record of it in the audit log, in the same transaction as what they tell of.

    Parameters
    ----------
    connection
        A writing transaction.
    info
        The plan.
    action, state
        What was done, and the plan's state afterwards.
    step
        Who did it, when and why.
    digest
        Of the plan's content, where it is not the one in `info`.
    details
        What else belongs to the step, as plain JSON values.
    """
    number = int(connection.scalar(sa.select(sa.func.max(events.c.number))) or 0) + 1
    row = {"number": number, "plan_id": info.plan_id, "action": action, "state": state.value}
    row |= {"by": step.by, "at": step.at, "reason": step.reason, "digest": digest or info.digest}
    connection.execute(sa.insert(events).values(**row, details=dict(details or {})))
    told = {"event": number, "state": state.value, "reason": step.reason, "digest": row["digest"], **(details or {})}
    chain.append(connection, f"plan.{action}", step.by, info.plan_id, told, at=step.at, scope=info.scope)
