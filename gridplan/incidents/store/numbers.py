"""Numbers of a period from a store: as recorded, or restated on a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from gridplan.errors import IncidentError
from gridplan.incidents.ground import Ground
from gridplan.incidents.handling import Handling
from gridplan.incidents.restate import Restated
from gridplan.incidents.store.frames import incident_frame, restated_on
from gridplan.incidents.store.grounds import ground_in_force, ground_of_plans
from gridplan.incidents.store.rows import Which
from gridplan.incidents.summary import Summary, UnitLevel, summarise
from gridplan.incidents.tables import Period
from gridplan.store import Store


@dataclass(frozen=True)
class Numbers:
    """
    Numbers of a period.

    Parameters
    ----------
    summary
        The numbers.
    level
        Level of the units.
    restated
        How incidents came into the grids of another plan; None as recorded.
    """

    summary: Summary
    level: UnitLevel
    restated: Restated | None

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain JSON values."""
        period, moved = self.summary.period, self.restated
        told: dict[str, Any] = {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "judged_at": self.summary.at.isoformat(),
            "level": self.level,
            "units": self.summary.to_dicts(),
            "unplaced": dict(self.summary.unplaced),
        }
        if moved is not None:
            names = ("by_point", "by_code", "outside", "split", "total")
            told["restated"] = {name: getattr(moved, name) for name in names}
        return told


def numbers(
    store: Store,
    handling: Handling,
    days: tuple[date, date],
    *,
    level: UnitLevel = "grid",
    plan_id: str | None = None,
    category: str | None = None,
    scope: str = "",
    ground: Ground | None = None,
) -> Numbers:
    """
    Count the incidents of a period.

    Parameters
    ----------
    store
        The store.
    handling
        Its calendar says what a day is.
    days
        First and last day of report, both included.
    level
        Level of the units.
    plan_id
        Restate on this published plan; None counts them in the grids that they were taken to.
    category
        Code of a category; those below it count too.
    scope
        Prefix of codes.
    ground
        Grids in force, where they are at hand.

    Raises
    ------
    IncidentError
        If the days are in the wrong order, the level or category is unknown, or no plan is in force.
    """
    if category is not None and category not in handling.categories:
        raise IncidentError(f"category: expected a code of the tree; found {category[:40]!r}")
    period = Period(*days, handling.calendar)
    frame = incident_frame(store, Which(scope, start=period.before().start, end=period.end))
    if category is not None:
        under = [category in {each.code for each in handling.categories.path(code)} for code in frame["category"]]
        frame = frame[under].reset_index(drop=True)
    moved = None
    if plan_id is not None:
        moved = restated_on(store, frame, plan_id, scope)
        frame, ground = moved.frame, ground_of_plans(store, [store.info(plan_id).plan_id], scope)
    at = store._clock().astimezone(UTC)
    return Numbers(summarise(frame, ground or ground_in_force(store, scope=scope), period, at, level), level, moved)
