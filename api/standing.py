"""What the service answers from: one moment of the store in memory, seen through the scope of a key."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import geopandas as gpd
import pandas as pd

from api.addresses import AddressBook
from api.tables import GridTable, table_of
from gridplan.locate import DatedIndex, DatedPlan, PointIndex
from gridplan.locator import Locator
from gridplan.store import PlanInfo, Store
from gridplan.store.engine import reading
from gridplan.store.keys import Key
from gridplan.store.published import Version, read_all, read_grids

T = TypeVar("T")
# Different scopes and days held at a time; the oldest asked for goes first.
_MOST_HELD = 64
_MOST_FRAMES = 16


class Held(Generic[T]):
    """
    Values that are made when first asked for, and kept while they are asked for.

    Each is made once; none waits for the making of another.

    Parameters
    ----------
    most
        Values kept.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> T | None:
        """Return a value that is there, None where it is not; never waits for a maker."""
        found = self._values.get(key)
        if found is not None:
            with suppress(KeyError):  # another may have taken it out meanwhile
                self._values.move_to_end(key)
        return found

    def make(self, key: Hashable, maker: Callable[[], T]) -> T:
        """Return a value, made now where it is not there."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self.get(key)
            return self._keep(key, maker()) if found is None else found

    def _keep(self, key: Hashable, value: T) -> T:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
            self._making.pop(key, None)
        return value

    def keys(self) -> list[Any]:
        """Return the names of what is kept."""
        return list(self._values)


@dataclass(frozen=True)
class Standing:
    """
    The plans in force on a day, as far as a scope sees them, as though the store held nothing else.

    Parameters
    ----------
    plans
        The plans that have grids in the scope.
    table
        Their grids.
    index
        The same, ready to be asked about points.
    locator
        The addresses that lie in them; None where the service has no table, or none of it lies there.
    """

    plans: tuple[PlanInfo, ...]
    table: GridTable
    index: DatedIndex
    locator: Locator | None = None


class Shelf:
    """
    What was made of published plans, which never change, so that it outlives every moment of the store.

    Parameters
    ----------
    store
        The store.
    book
        The addresses, or None.
    within_m
        As of `gridplan.locate.PointIndex`.
    """

    def __init__(self, store: Store, book: AddressBook | None, within_m: float) -> None:
        self.store = store
        self._book, self._within_m = book, within_m
        self._frames: Held[gpd.GeoDataFrame] = Held(_MOST_FRAMES)
        self._standing: Held[Standing] = Held(_MOST_HELD)

    def grids(self, plan_id: str, scope: str) -> gpd.GeoDataFrame:
        """
        Return the grids of a published plan whose codes begin with a scope.

        Parameters
        ----------
        plan_id
            A published plan.
        scope
            Prefix of codes; "" for all.
        """
        frame = self._frames.make(plan_id, lambda: self._read(plan_id))
        return frame[within(frame["grid_code"], scope)]

    def ready(self, scope: str, plans: tuple[PlanInfo, ...]) -> Standing | None:
        """Return what stands where these plans are in force, if it was made before; never waits."""
        return self._standing.get((scope, plans))

    def standing(self, scope: str, plans: tuple[PlanInfo, ...]) -> Standing:
        """
        Return what stands where these plans are in force.

        Parameters
        ----------
        scope
            Prefix of codes; "" for all.
        plans
            Plans in force together.
        """
        return self._standing.make((scope, plans), lambda: self._made(scope, plans))

    @property
    def held(self) -> int:
        """Number of scopes and days of which something is held."""
        return len(self._standing.keys())

    def scopes(self) -> set[str]:
        """Return the scopes of which something was asked."""
        return {key[0] for key in self._standing.keys()}  # noqa: SIM118 - it is no dict

    def _read(self, plan_id: str) -> gpd.GeoDataFrame:
        with reading(self.store.engine) as connection:
            return read_grids(connection, plan_id, date.today())

    def _made(self, scope: str, plans: tuple[PlanInfo, ...]) -> Standing:
        found = {plan.plan_id: self.grids(plan.plan_id, scope) for plan in plans}
        frames = {plan_id: frame for plan_id, frame in found.items() if len(frame)}
        mine = tuple(plan for plan in plans if plan.plan_id in frames)
        dated = [self._dated(plan, frames[plan.plan_id]) for plan in mine]
        locator = self._book.locator(together(frames), scope) if self._book and frames else None
        return Standing(mine, table_of(frames), DatedIndex(dated), locator)

    def _dated(self, plan: PlanInfo, frame: gpd.GeoDataFrame) -> DatedPlan:
        index = PointIndex.from_plan(frame, within_m=self._within_m)
        return DatedPlan(plan.plan_id, index, plan.valid_from or date.min, plan.valid_to)


@dataclass(frozen=True)
class Moment:
    """
    One moment of the store: what is published, and who may ask. A request is answered from one alone.

    Parameters
    ----------
    version
        Tells it from others.
    today
        Its day, at the place of the service.
    published
        All plans ever published.
    keys
        All keys, by id.
    shelf
        What was made of the plans.
    """

    version: Version
    today: date
    published: tuple[PlanInfo, ...]
    keys: Mapping[str, Key]
    shelf: Shelf

    def in_force(self, day: date, scope: str = "") -> tuple[PlanInfo, ...]:
        """
        Return the plans in force on a day in and around a scope.

        What is published elsewhere changes nothing of them, so what was made of them is kept.
        """
        found = (plan for plan in self.published if plan.in_force(day))
        return tuple(plan for plan in found if plan.scope.startswith(scope) or scope.startswith(plan.scope))


def read_moment(shelf: Shelf, today: date) -> Moment:
    """Return the store as it is at one moment."""
    with reading(shelf.store.engine) as connection:
        version, published, keys = read_all(connection, today)
    return Moment(version, today, tuple(published), {key.key_id: key for key in keys}, shelf)


def within(codes: pd.Series, scope: str) -> pd.Series:
    """Return which codes a scope sees."""
    return codes.astype(str).str.startswith(scope)


def together(frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the grids of several plans as one frame, in the CRS of the first."""
    parts = list(frames.values())
    first = parts[0].crs
    return gpd.GeoDataFrame(pd.concat([part if part.crs == first else part.to_crs(first) for part in parts]))
