"""What stands out, worked out once for each question and content of the store, one at a time, beside the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread

from api.access import View
from api.standing import Held
from gridplan.errors import TooFewError
from gridplan.incidents.ground import Ground
from gridplan.incidents.rises import MOST_DAYS
from gridplan.incidents.store.findings import By, Findings, gatherings, period_of, risen
from gridplan.incidents.store.rows import Which
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incidents

_MOST_HELD = 256
# Of the inside: whether a row stands out, which all that are told do.
_HIDDEN = ("risen", "stands_out")


@dataclass(frozen=True)
class Question:
    """
    What is asked for.

    Parameters
    ----------
    days
        First and last day of the period.
    category
        A category and those below it; None for all.
    by
        Series in which rises are looked for; None asks where incidents gather.
    """

    days: tuple[date, date]
    category: str | None
    by: By | None


class HeldFindings:
    """
    Answers about what stands out, held until an incident that they count, or a plan, changes.

    Each takes a second of CPU where there are thousands of grids. They are worked out one at a time, in a thread of
    their own: whoever asks for many waits himself, and lookups, and threads for the rest, go on.
    """

    def __init__(self) -> None:
        self._held: Held[str] = Held(_MOST_HELD)
        self._gate = CapacityLimiter(1)

    async def text(self, question: Question, view: View, ground: Ground) -> str:
        """
        Return an answer as JSON.

        Parameters
        ----------
        question
            What is asked for.
        view
            Who asks.
        ground
            The grids in force that the key sees.

        Raises
        ------
        IncidentError
            If the days or the category are wrong.
        """
        version = await to_thread.run_sync(_version, question, view)
        plans = tuple(plan.plan_id for plan in view.moment.in_force(view.moment.today, view.scope))
        key = (view.scope, plans, question, version)
        found = self._held.get(key)
        if found is None:
            find: Callable[[], str] = lambda: _told(question, view, ground)  # noqa: E731 - for its type
            found = await to_thread.run_sync(self._held.make, key, find, limiter=self._gate)
        return found


def _version(question: Question, view: View) -> tuple[int, int]:
    """Return what changes with every change of an incident that counts: each has a number that only grows."""
    period = period_of(question.days, view.watch.handling)
    back = timedelta(days=0 if question.by is None else MOST_DAYS + 1)
    which = Which(view.scope, start=period.start - back, end=period.end)
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(incidents.c.sequence), 0))
    with reading(view.watch.store.engine) as connection:
        count, steps = connection.execute(counted.where(*which.conditions())).one()
    return int(count), int(steps)


def _told(question: Question, view: View, ground: Ground) -> str:
    return json.dumps(_found(question, view, ground), ensure_ascii=False)


def _found(question: Question, view: View, ground: Ground) -> dict[str, Any]:
    """Return what a search found; too few records for it are no fault of who asks."""
    first, last = question.days
    try:
        told = _searched(question, view, ground).to_dict()
    except TooFewError as error:
        period = {"from": first.isoformat(), "to": last.isoformat()}
        return {**period, "looked_at": 0, "elsewhere": 0, "found": [], "too_few": str(error)}
    rows = [{name: value for name, value in row.items() if name not in _HIDDEN} for row in told["found"]]
    return {**told, "found": rows, "too_few": None}


def _searched(question: Question, view: View, ground: Ground) -> Findings:
    asked: dict[str, Any] = {"category": question.category, "scope": view.scope, "ground": ground}
    where: tuple[Any, ...] = (view.watch.store, view.watch.handling, question.days)
    if question.by is None:
        return gatherings(*where, **asked)
    return risen(*where, by=question.by, **asked)
