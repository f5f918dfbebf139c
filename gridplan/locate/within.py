"""Which grids are asked: those of a plan's file, or those of the plans in force in a store on a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd
from numpy.typing import ArrayLike

from gridplan.errors import LocateError
from gridplan.locate.dated import DatedIndex, DatedPlan, Day, day_of
from gridplan.locate.index import WITHIN_M, PointIndex
from gridplan.locate.located import Located, LocatedMany


class Grounds(Protocol):
    """Grids that can be asked about points: a plan, or the plans of a day."""

    def locate(self, lon: float | None, lat: float | None, *, datum: str = "wgs84", crs: str | None = None) -> Located:
        """Return the grid that owns a point; as :meth:`PointIndex.locate`."""

    def locate_many(
        self, lon: ArrayLike, lat: ArrayLike, *, datum: str = "wgs84", crs: str | None = None
    ) -> LocatedMany:
        """Return the grids that own many points; as :meth:`PointIndex.locate_many`."""


class OnDay:
    """
    The plans in force on one day.

    Parameters
    ----------
    plans
        Plans with their days.
    day
        The day.
    """

    def __init__(self, plans: DatedIndex, day: Day) -> None:
        self.plans, self.day = plans, day_of(day)

    def locate(self, lon: float | None, lat: float | None, *, datum: str = "wgs84", crs: str | None = None) -> Located:
        """Return the grid that owns a point; as :meth:`DatedIndex.locate`."""
        return self.plans.locate(lon, lat, at=self.day, datum=datum, crs=crs)

    def locate_many(
        self, lon: ArrayLike, lat: ArrayLike, *, datum: str = "wgs84", crs: str | None = None
    ) -> LocatedMany:
        """Return the grids that own many points; as :meth:`DatedIndex.locate_many`."""
        return self.plans.locate_many(lon, lat, at=self.day, datum=datum, crs=crs)


def of_file(plan: Path, at: str | None, *, within_m: float = WITHIN_M) -> Grounds:
    """
    Return the grids of a plan's file.

    Parameters
    ----------
    plan
        The file.
    at
        A day, which a file cannot answer for; must be None.
    within_m
        As of :class:`PointIndex`.

    Raises
    ------
    LocateError
        If a day is given.
    InputError
        If the file cannot be read.
    """
    if at is not None:
        msg = "at: a day is answered by the store, which knows when plans were in force; give either a plan or a day."
        raise LocateError(msg)
    return PointIndex.from_plan(plan, within_m=within_m)


def of_store(url: str | None, at: str | None, *, within_m: float = WITHIN_M) -> OnDay:
    """
    Return the plans in force in a store.

    Parameters
    ----------
    url
        The store, or None for the default one.
    at
        The day; None for today.
    within_m
        As of :class:`PointIndex`.

    Raises
    ------
    LocateError
        If no plan is in force on that day.
    StoreError
        If the store cannot be read.
    """
    day = dt.date.today() if at is None else day_of(at)
    found = _in_force(url, day)
    if not found:
        msg = f"expected a plan in force on {day}; found none. Publish one with gridplan publish, or give --plan."
        raise LocateError(msg)
    plans = [
        DatedPlan(name, PointIndex.from_plan(grids, within_m=within_m), begin, end) for name, grids, begin, end in found
    ]
    return OnDay(DatedIndex(plans), day)


def frame_of(plan: Path | None, url: str | None, at: str | None) -> gpd.GeoDataFrame | Path | None:
    """
    Return the grids in which addresses lie: a file, those in force, or None where no plan is in force.

    Parameters
    ----------
    plan
        A plan's file, or None for the store.
    url, at
        As of :func:`of_store`.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    if plan is not None:
        return plan
    frames = [grids for _, grids, _, _ in _in_force(url, dt.date.today() if at is None else day_of(at))]
    if not frames:
        return None
    return gpd.GeoDataFrame(pd.concat([frame.to_crs(frames[0].crs) for frame in frames], ignore_index=True))


def _in_force(url: str | None, day: dt.date) -> list[tuple[str, gpd.GeoDataFrame, dt.date, dt.date | None]]:
    """Return id, grids, first day and end of the plans in force on a day."""
    from gridplan.store import Store

    with Store.open(url) as store:
        return [
            (info.plan_id, store.load(info.plan_id).grids, info.valid_from or day, info.valid_to)
            for info in store.all_in_force(day)
        ]
