"""Questions to the store: which plans there are, what happened to one, which was in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from gridplan.errors import NotInStoreError
from gridplan.store.records import Event, PlanInfo, State
from gridplan.store.tables import events, plans, publications, retirements

_JOINED = plans.outerjoin(publications, publications.c.plan_id == plans.c.plan_id).outerjoin(
    retirements, retirements.c.plan_id == plans.c.plan_id
)
_COLUMNS = (
    *plans.c,
    publications.c.number,
    publications.c.valid_from,
    publications.c.published_by,
    publications.c.published_at,
    retirements.c.valid_to,
)


def related(column: sa.Column[str], scope: str) -> sa.ColumnElement[bool]:
    """
    Return the condition that a scope lies in another, or holds it.

    Parameters
    ----------
    column
        Column with scopes.
    scope
        The other; "" is related to all.
    """
    inside = sa.func.substr(column, 1, len(scope)) == scope
    around = sa.func.substr(sa.literal(scope), 1, sa.func.length(column)) == column
    return sa.or_(inside, around)


def infos(connection: sa.Connection, today: date, *conditions: sa.ColumnElement[bool]) -> list[PlanInfo]:
    """
    Return plans that meet conditions, oldest first.

    Parameters
    ----------
    connection
        Any transaction.
    today
        Day on which a published plan is, or is not, retired.
    conditions
        On the tables ``plans``, ``publications`` and ``retirements``.
    """
    query = sa.select(*_COLUMNS).select_from(_JOINED).where(*conditions)
    rows = connection.execute(query.order_by(plans.c.created_at, plans.c.plan_id))
    return [_info(row._mapping, today) for row in rows]


def info(connection: sa.Connection, plan_id: str, today: date) -> PlanInfo:
    """
    Return one plan by its id, or by the beginning of it that no other plan has.

    Raises
    ------
    NotInStoreError
        If there is none, or more than one.
    """
    found = infos(connection, today, sa.func.substr(plans.c.plan_id, 1, len(plan_id)) == plan_id)
    exact = [plan for plan in found if plan.plan_id == plan_id]
    if len(exact or found) != 1 or not plan_id:
        near = ", ".join(plan.plan_id for plan in found[:5])
        what = f"{len(found)} plans begin with {plan_id!r} ({near} ...)" if found else f"there is no plan {plan_id!r}"
        raise NotInStoreError(f"{what}; `gridplan plans list` shows all")
    return (exact or found)[0]


def open_publications(connection: sa.Connection, scope: str, today: date) -> list[PlanInfo]:
    """Return the published plans in and around a scope that no other has retired, in the order of publishing."""
    found = infos(connection, today, related(publications.c.scope, scope), retirements.c.plan_id.is_(None))
    return sorted(found, key=_number)


def published_since(connection: sa.Connection, scope: str, number: int, today: date) -> list[PlanInfo]:
    """Return the plans published in and around a scope after the publication of a number, newest last."""
    found = infos(connection, today, related(publications.c.scope, scope), publications.c.number > number)
    return sorted(found, key=_number)


def newest_number(connection: sa.Connection, scope: str) -> int:
    """Return the number of the newest publication in and around a scope, 0 for none."""
    query = sa.select(sa.func.max(publications.c.number)).where(related(publications.c.scope, scope))
    return int(connection.scalar(query) or 0)


def in_force(
    connection: sa.Connection, on: date, scope: str, today: date, as_known_at: datetime | None
) -> list[PlanInfo]:
    """
    Return the plans in force on a day in and around a scope, by scope.

    Parameters
    ----------
    connection
        Any transaction.
    on
        The day.
    scope
        Prefix of codes; "" for all.
    today
        As for `infos`.
    as_known_at
        Answer as the store would have answered at this moment; None for now.
    """
    gone = [retirements.c.plan_id.is_not(None), retirements.c.valid_to <= on]
    conditions = [related(publications.c.scope, scope), publications.c.valid_from <= on]
    if as_known_at is not None:
        conditions.append(publications.c.published_at <= as_known_at)
        gone.append(retirements.c.retired_at <= as_known_at)
    found = infos(connection, today, *conditions, sa.not_(sa.and_(*gone)))
    return sorted(found, key=lambda plan: (plan.scope, plan.number))


def history(connection: sa.Connection, plan_id: str) -> list[Event]:
    """Return the events of a plan, oldest first."""
    rows = connection.execute(sa.select(events).where(events.c.plan_id == plan_id).order_by(events.c.number))
    return [Event(**{**row._mapping, "state": State(row.state)}) for row in rows]


def _info(row: Any, today: date) -> PlanInfo:
    retired = row["valid_to"] is not None and row["valid_to"] <= today
    return PlanInfo(**{**row, "state": State.RETIRED if retired else State(row["state"])})


def _number(plan: PlanInfo) -> int:
    return plan.number or 0


def names_of(found: Iterable[PlanInfo]) -> str:
    """Return plans as a message names them."""
    return ", ".join(f"{plan.plan_id} ({plan.scope or 'all'}, from {plan.valid_from})" for plan in found)
