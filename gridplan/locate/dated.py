"""Several plans, each in force from a day to a day: which grid owned a point then, which owns it now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridplan.errors import LocateError
from gridplan.locate.index import PointIndex
from gridplan.locate.located import NO_GRID, STATUSES, Located, LocatedMany, Status, nowhere

Day = dt.date | str
# The better answer of two plans has the lower rank.
_RANK: dict[Status, int] = {"inside": 0, "border": 0, "near": 1, "swapped": 2, "invalid": 3, "none": 4}
_RANKS = np.array([_RANK[status] for status in STATUSES])


@dataclass(frozen=True)
class DatedPlan:
    """
    A plan and the days on which it is in force.

    Parameters
    ----------
    name
        Name of the plan (its id).
    index
        Its grids.
    valid_from
        First day.
    valid_to
        First day on which it is no longer in force; None where that is open.
    """

    name: str
    index: PointIndex
    valid_from: dt.date
    valid_to: dt.date | None = None

    def in_force(self, day: dt.date) -> bool:
        """
        Tell whether the plan is in force.

        Parameters
        ----------
        day
            The day.
        """
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class DatedIndex:
    """
    Several plans, each in force from a day to a day.

    Plans of different districts may be in force together. Where several in force cover a point, the one that came
    into force last answers, then the one whose name is lowest; a grid that covers it goes before one that is near.

    Parameters
    ----------
    plans
        The plans; names must differ.

    Raises
    ------
    LocateError
        If two plans share a name, or one ends before it begins; all faults at once.
    """

    def __init__(self, plans: Iterable[DatedPlan]) -> None:
        self.plans = tuple(sorted(plans, key=lambda plan: (-plan.valid_from.toordinal(), plan.name)))
        _check(self.plans)

    def in_force(self, at: Day) -> tuple[DatedPlan, ...]:
        """
        Return the plans in force on a day, the latest first.

        Parameters
        ----------
        at
            A date, or its text ``YYYY-MM-DD``; of a moment, the date as written counts.

        Raises
        ------
        LocateError
            If the text is no date.
        """
        day = day_of(at)
        return tuple(plan for plan in self.plans if plan.in_force(day))

    def locate(
        self, lon: float | None, lat: float | None, *, at: Day, datum: str = "wgs84", crs: str | None = None
    ) -> Located:
        """
        Return the grid that owned a point on a day.

        Parameters
        ----------
        lon, lat, datum, crs
            As of :meth:`PointIndex.locate`.
        at
            As of :meth:`in_force`. On a day without any plan every point is in none.

        Raises
        ------
        LocateError
            As :meth:`PointIndex.locate` and :meth:`in_force`.
        """
        best = Located(None, "none")
        for plan in self.in_force(at):
            found = plan.index.locate(lon, lat, datum=datum, crs=crs)
            if _RANK[found.status] < _RANK[best.status]:
                name = plan.name if found.found else None
                best = Located(found.grid_code, found.status, found.distance_m, found.hint, name)
        return best

    def locate_many(
        self, lon: ArrayLike, lat: ArrayLike, *, at: Day, datum: str = "wgs84", crs: str | None = None
    ) -> LocatedMany:
        """
        Return the grids that owned many points on a day: what :meth:`locate` returns for each.

        Parameters
        ----------
        lon, lat, datum, crs
            As of :meth:`PointIndex.locate_many`.
        at
            As of :meth:`in_force`.

        Raises
        ------
        LocateError
            As :meth:`PointIndex.locate_many` and :meth:`in_force`.
        """
        plans = self.in_force(at)
        parts = [plan.index.locate_many(lon, lat, datum=datum, crs=crs) for plan in plans]
        if not parts:
            return nowhere(np.empty(0, dtype=object), np.size(lon))
        rank = np.array([_RANKS[part.status] for part in parts])
        best = rank.argmin(axis=0)
        first = np.cumsum([0, *(len(part.codes) for part in parts[:-1])])
        numbers = [
            np.where(part.grid == NO_GRID, NO_GRID, part.grid + start) for part, start in zip(parts, first, strict=True)
        ]
        grid = _picked(numbers, best)
        return LocatedMany(
            np.concatenate([part.codes for part in parts]),
            grid.astype(np.int32),
            _picked([part.status for part in parts], best),
            _picked([part.distance_m for part in parts], best),
            tuple(plan.name for plan in plans),
            np.where(grid == NO_GRID, -1, best).astype(np.int16),
        )


def day_of(at: Day) -> dt.date:
    """
    Return a day from a date or its text.

    Parameters
    ----------
    at
        A date or a moment, or ISO 8601 text of one; of a moment, the date as written counts.

    Raises
    ------
    LocateError
        If the text is no date.

    Examples
    --------
    >>> day_of("2026-03-01T23:30:00+08:00")
    datetime.date(2026, 3, 1)
    """
    if isinstance(at, dt.datetime):
        return at.date()
    if isinstance(at, dt.date):
        return at
    try:
        return dt.datetime.fromisoformat(at.strip()).date()
    except (ValueError, AttributeError) as error:
        msg = f"at: expected a date such as 2026-03-01; found {at!r}."
        raise LocateError(msg) from error


def _picked(arrays: list[NDArray[Any]], best: NDArray[np.intp]) -> NDArray[Any]:
    """Return of each point the value that the best plan gives."""
    picked: NDArray[Any] = np.take_along_axis(np.array(arrays), best[np.newaxis], axis=0)[0]
    return picked


def _check(plans: tuple[DatedPlan, ...]) -> None:
    names = [plan.name for plan in plans]
    faults = [
        f"plan {name!r} is given twice; give each plan once" for name in sorted({*names}) if names.count(name) > 1
    ]
    faults += [
        f"plan {plan.name!r}: expected valid_to after {plan.valid_from}; found {plan.valid_to}"
        for plan in plans
        if plan.valid_to is not None and plan.valid_to <= plan.valid_from
    ]
    if faults:
        raise LocateError("; ".join(faults))
