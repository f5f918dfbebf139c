"""Steps on the way to publication: a plan comes into the store, is submitted, approved, sent back, or given up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from gridplan.errors import NotInStoreError, PlanStateError, StoreError
from gridplan.store.approval import approval_rules, require_approvable
from gridplan.store.drafts import default_scope, insert_plan, record, write_edits
from gridplan.store.parts import Part, parts_of
from gridplan.store.publishing import authors_of, report_of
from gridplan.store.queries import history, info, newest_number, open_publications
from gridplan.store.records import PlanInfo, State, Step
from gridplan.store.tables import plans

if TYPE_CHECKING:
    from gridplan.plan import Plan


@dataclass(frozen=True)
class Move:
    """A step that changes a plan's state and nothing else: its name, from which states, to which."""

    action: str
    before: tuple[State, ...]
    after: State


SUBMIT = Move("submit", (State.DRAFT,), State.SUBMITTED)
APPROVE = Move("approve", (State.SUBMITTED,), State.APPROVED)
SEND_BACK = Move("send_back", (State.SUBMITTED, State.APPROVED), State.DRAFT)
DISCARD = Move("discard", (State.DRAFT, State.SUBMITTED, State.APPROVED), State.DISCARDED)


def prepared(plan: Plan) -> list[Part]:
    """Return the parts of a plan as a draft, whatever it was before."""
    report = dict(plan.report)
    if report.get("status") != State.DRAFT.value:
        report.pop("status", None)
    if plan.grids["valid_from"].notna().any():
        none = pd.Series([None] * len(plan.grids), dtype=object)
        plan = replace(plan, grids=plan.grids.assign(valid_from=none))
    return parts_of(plan, report)


def insert(
    connection: sa.Connection,
    plan: Plan,
    found: Sequence[Part],
    step: Step,
    *,
    name: str = "",
    scope: str | None = None,
    base: str | None = None,
) -> PlanInfo:
    """
    Write a new draft.

    Parameters
    ----------
    connection
        A writing transaction.
    plan, found
        The plan, and its parts as `prepared` returns them.
    step
        Who saves it, when and why.
    name, scope, base
        As for `gridplan.store.Store.save_draft`.

    Raises
    ------
    StoreError
        If a community lies outside the scope, or the base is no published plan.
    """
    own_scope = _scope(scope, sorted(set(plan.grids["community_code"])))
    plan_id = f"{step.today:%Y%m%d}-{secrets.token_hex(4)}"
    digest = insert_plan(
        connection,
        found,
        plan_id=plan_id,
        name=name or str(plan.report.get("name") or plan.report.get("source") or ""),
        scope=own_scope,
        author=step.by,
        created_at=step.at,
        base=_base(connection, base or plan.report.get("plan_id"), own_scope, step.today),
    )
    write_edits(connection, plan_id, 0, plan.edits, 0)
    made = info(connection, plan_id, step.today)
    record(connection, made, "save", State.DRAFT, step, digest=digest)
    return made


def move(connection: sa.Connection, plan: PlanInfo, to: Move, step: Step) -> PlanInfo:
    """
    Take a step that changes a plan's state.

    Parameters
    ----------
    connection
        A writing transaction.
    plan
        The plan.
    to
        The step.
    step
        Who takes it, when and why.

    Raises
    ------
    PlanStateError
        If its state, or the rules of approval, do not allow it.
    """
    if plan.state not in to.before:
        wanted = " or ".join(state.value for state in to.before)
        raise PlanStateError(f"{plan.plan_id} is {plan.state.value}; {to.action} needs one that is {wanted}")
    if to is APPROVE:
        _require_approvable(connection, plan, step)
    connection.execute(sa.update(plans).where(plans.c.plan_id == plan.plan_id).values(state=to.after.value))
    record(connection, plan, to.action, to.after, step)
    return replace(plan, state=to.after)


def require_revision(plan: PlanInfo, seen: int | None) -> None:
    """
    Refuse a step by who has not seen the newest revision of a plan.

    Parameters
    ----------
    plan
        The plan as it is.
    seen
        The revision that was seen; None asks nothing.

    Raises
    ------
    PlanStateError
        If it is another one.
    """
    if seen is not None and seen != plan.revision:
        raise PlanStateError(
            f"{plan.plan_id} is at revision {plan.revision}; you saw revision {seen}. Look at what changed, then decide"
        )


def _require_approvable(connection: sa.Connection, plan: PlanInfo, step: Step) -> None:
    reports = [report_of(connection, each) for each in open_publications(connection, plan.scope, step.today)]
    rules = approval_rules([report_of(connection, plan), *reports])
    require_approvable(plan, rules, history(connection, plan.plan_id), authors_of(connection, plan), step.by, step.at)


def _scope(asked: str | None, communities: Sequence[str]) -> str:
    scope = default_scope(communities) if asked is None else asked
    outside = [code for code in communities if not code.startswith(scope)]
    if outside:
        named = ", ".join(outside[:10])
        raise StoreError(f"scope {scope!r}: {len(outside)} communities of the plan have other codes: {named}")
    return scope


def _base(connection: sa.Connection, plan_id: str | None, scope: str, today: date) -> int:
    """Return the number of the publication from which a plan was made."""
    if plan_id is None:
        return newest_number(connection, scope)
    base = info(connection, plan_id, today)
    if base.number is None:
        raise NotInStoreError(f"{base.plan_id} is {base.state.value}; a base is a published plan")
    return base.number
