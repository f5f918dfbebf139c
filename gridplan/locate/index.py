"""The grids of one plan, ready to be asked where points lie."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from gridplan.errors import LocateError
from gridplan.locate.grids import Grids, grids_of
from gridplan.locate.located import (
    BORDER,
    INSIDE,
    INVALID,
    NEAR,
    NO_GRID,
    NOWHERE,
    STATUSES,
    SWAPPED,
    Located,
    LocatedMany,
    nowhere,
)
from gridplan.locate.polynomials import Floats
from gridplan.locate.raster import OUTSIDE, UNSURE, Raster, make_raster
from gridplan.locate.ways import Way, way_into

if TYPE_CHECKING:
    from gridplan.plan import Plan

#: Coordinates of many points.
Many = NDArray[Any] | pd.Series | Sequence[float | None]
#: Metres outside the plan up to which a point belongs to the nearest grid: a coordinate's own error.
WITHIN_M = 5.0
# From this many points on, making the raster costs less than it saves.
_WORTH_A_RASTER = 20_000


class PointIndex:
    """
    The grids of one plan, ready to be asked where points lie; may be asked by several threads at once.

    A point belongs to the grid that covers it. Of several (a point on a border that they share) it belongs to the
    one whose code is lowest as text. A point that no grid covers belongs to the nearest within ``within_m``, and is
    marked ``near``; of several equally near, to the lowest code. One point and many get the same answers.

    Parameters
    ----------
    grids
        Grids of the plan.
    within_m
        Metres outside the plan up to which a point belongs to the nearest grid, >= 0.

    Raises
    ------
    LocateError
        If ``within_m`` is negative or no number.
    """

    def __init__(self, grids: Grids, *, within_m: float = WITHIN_M) -> None:
        if not (math.isfinite(within_m) and within_m >= 0):
            msg = f"within_m: expected metres, 0 or more; found {within_m}."
            raise LocateError(msg)
        self.grids, self.within_m = grids, float(within_m)
        self._polygons = grids.polygons.copy()
        self._warm()
        self._ways: dict[tuple[str, str | None], Way] = {}
        self._raster: Raster | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_plan(cls, plan: Plan | gpd.GeoDataFrame | str | Path, *, within_m: float = WITHIN_M) -> PointIndex:
        """
        Make the index of a plan, of its frame of grids or of its file.

        Parameters
        ----------
        plan
            A plan; a frame with ``grid_code`` and geometry; or a file with the layer ``grids``.
        within_m
            As of the class.

        Raises
        ------
        InputError
            If the grids cannot be read or used; all faults at once.
        """
        return cls(grids_of(plan), within_m=within_m)

    @property
    def crs(self) -> CRS | None:
        """CRS in which points are compared; None where the plan states none."""
        return self.grids.crs

    @property
    def codes(self) -> NDArray[np.object_]:
        """Codes of all grids, rising; shape (n_grids,)."""
        return self.grids.codes

    def way(self, datum: str = "wgs84", crs: str | None = None) -> Way:
        """
        Return the way from given coordinates into the plan, made when first asked for.

        Parameters
        ----------
        datum, crs
            As of :meth:`locate`.

        Raises
        ------
        LocateError
            If the datum or the CRS is unknown, or leads nowhere.
        """
        key = (datum, crs)
        if key not in self._ways:
            west, south, east, north = shapely.total_bounds(self._polygons).tolist()
            margin = self.within_m + 1.0
            bounds = (west - margin, south - margin, east + margin, north + margin)
            self._ways[key] = way_into(self.crs, bounds, datum=datum, crs=crs)
        return self._ways[key]

    @overload
    def locate(
        self, lon: float | None, lat: float | None, *, datum: str = "wgs84", crs: str | None = None
    ) -> Located: ...
    @overload
    def locate(self, lon: Many, lat: Many, *, datum: str = "wgs84", crs: str | None = None) -> LocatedMany: ...
    def locate(self, lon: Any, lat: Any, *, datum: str = "wgs84", crs: str | None = None) -> Located | LocatedMany:
        """
        Return the grid that owns a point; of several points, what :meth:`locate_many` returns.

        Parameters
        ----------
        lon, lat
            Longitude and latitude, degrees, or east and north of ``crs``. None, NaN and infinity are ``invalid``.
        datum
            Datum of longitude and latitude: ``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``.
        crs
            CRS of the coordinates where they are no longitude and latitude; ``plan`` for the plan's own.

        Raises
        ------
        LocateError
            If the datum or the CRS is unknown, or leads nowhere.
        """
        if hasattr(lon, "__len__") and not isinstance(lon, str):
            return self.locate_many(lon, lat, datum=datum, crs=crs)
        way = self.way(datum, crs)
        x, y = _number(lon), _number(lat)
        if not (math.isfinite(x) and math.isfinite(y)):
            return Located(None, "invalid")
        found = self._one(way, x, y)
        if found is not None:
            return found
        other = self._one(way, y, x)
        if other is not None:
            return Located(None, "swapped", hint=other.grid_code)
        return Located(None, "invalid" if way.geographic and (abs(x) > 180 or abs(y) > 90) else "none")

    def locate_many(
        self, lon: ArrayLike, lat: ArrayLike, *, datum: str = "wgs84", crs: str | None = None
    ) -> LocatedMany:
        """
        Return the grids that own many points: what :meth:`locate` returns for each.

        Parameters
        ----------
        lon, lat
            As of :meth:`locate`, shape (n,).
        datum, crs
            As of :meth:`locate`.

        Raises
        ------
        LocateError
            If the arrays are no numbers or differ in length, or as :meth:`locate`.
        """
        way = self.way(datum, crs)
        x, y = _numbers(lon), _numbers(lat)
        if x.shape != y.shape or x.ndim != 1:
            msg = f"lon, lat: expected two arrays of one length; found shapes {x.shape} and {y.shape}."
            raise LocateError(msg)
        answer = nowhere(self.codes, len(x))
        inside = way.inside(x, y)
        self._place(answer, way, x, y, np.flatnonzero(inside))
        lost = np.flatnonzero(answer.grid == NO_GRID)
        lost = lost[way.inside(y[lost], x[lost])]
        if len(lost):
            other = nowhere(self.codes, len(lost))
            self._place(other, way, y[lost], x[lost], np.arange(len(lost)))
            answer.status[lost[other.grid != NO_GRID]] = SWAPPED
        answer.status[_invalid(x, y, way.geographic) & (answer.status == NOWHERE)] = INVALID
        return answer

    def _one(self, way: Way, x: float, y: float) -> Located | None:
        """Return where one point lies, None where no grid owns it."""
        if not way.holds(x, y):
            return None
        x, y = way.one(x, y)
        known = UNSURE if self._raster is None else self._raster.owner_of(x, y)
        if known != UNSURE:
            return None if known == OUTSIDE else Located(str(self.codes[known]), "inside", 0.0)
        point = shapely.points([x, y])
        candidates = self._tree.query(point)
        over = candidates[shapely.intersects_xy(self._polygons[candidates], x, y)]
        if len(over):
            return Located(str(self.codes[over.min()]), "inside" if len(over) == 1 else "border", 0.0)
        grid, distance = self._nearest(np.array([point]))
        if grid[0] == NO_GRID:
            return None
        return Located(str(self.codes[grid[0]]), STATUSES[NEAR], float(distance[0]))

    def _place(self, answer: LocatedMany, way: Way, x: Floats, y: Floats, where: NDArray[np.int64]) -> None:
        """Write the answers of some points, which are in the way's box."""
        far_x, far_y = way.many(x[where], y[where])
        if len(where) >= _WORTH_A_RASTER:
            known = self.raster().owners(far_x, far_y)
        else:
            known = np.full(len(where), UNSURE, dtype=np.int32)
        sure = known >= 0
        answer.grid[where[sure]], answer.status[where[sure]], answer.distance_m[where[sure]] = known[sure], INSIDE, 0.0
        unsure = np.flatnonzero(known == UNSURE)
        grid, status, distance = self._exact(far_x[unsure], far_y[unsure])
        at = where[unsure]
        answer.grid[at], answer.status[at], answer.distance_m[at] = grid, status, distance

    def _exact(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int8], Floats]:
        """Return number, status and distance of points in the plan's CRS, each tested."""
        points = shapely.points(x, y)
        grid, n_over = self._over(points, x, y)
        status = np.where(n_over > 1, BORDER, INSIDE).astype(np.int8)
        distance = np.zeros(len(x))
        lost = np.flatnonzero(n_over == 0)
        grid[lost], distance[lost] = self._nearest(points[lost])
        status[lost] = np.where(grid[lost] == NO_GRID, NOWHERE, NEAR)
        return grid, status, distance

    def _over(self, points: NDArray[Any], x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the lowest number of the grids that cover each point, or -1, and how many do."""
        point, grid = self._tree.query(points)
        over = shapely.intersects_xy(self._polygons[grid], x[point], y[point])
        point, grid = point[over], grid[over]
        lowest = np.full(len(points), len(self.grids), dtype=np.int64)
        np.minimum.at(lowest, point, grid)
        lowest[lowest == len(self.grids)] = NO_GRID
        return lowest, np.bincount(point, minlength=len(points))

    def _nearest(self, points: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
        """Return the nearest grid of each point within reach, and its distance; -1 and NaN where there is none."""
        grid, distance = np.full(len(points), len(self.grids), dtype=np.int64), np.full(len(points), np.nan)
        if self.within_m > 0 and len(points):
            (point, near), metres = self._tree.query_nearest(points, max_distance=self.within_m, return_distance=True)
            np.minimum.at(grid, point, near)
            distance[point] = metres
        grid[grid == len(self.grids)] = NO_GRID
        return grid, distance

    def raster(self) -> Raster:
        """
        Return the raster that answers most points without a test; made when first asked for.

        Many points ask for it themselves. A service that is asked one by one may call it once: answers stay the same
        and take a fifth of the time.
        """
        with self._lock:
            if self._raster is None:
                self._raster = make_raster(self._polygons, self.within_m, self._sole_owner)
            return self._raster

    def _sole_owner(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return the number of the one grid that covers each point; OUTSIDE where none does, UNSURE where several."""
        grid, n_over = self._over(shapely.points(x, y), x, y)
        return np.where(n_over > 1, UNSURE, grid)

    def _warm(self) -> None:
        """Build what GEOS would build at the first question: doing that is not safe in several threads at once."""
        shapely.prepare(self._polygons)
        inside = shapely.get_coordinates(shapely.point_on_surface(self._polygons))
        shapely.intersects_xy(self._polygons, inside[:, 0], inside[:, 1])
        self._tree = shapely.STRtree(self._polygons)
        self._tree.query(shapely.points(inside[0]))


def _number(value: object) -> float:
    """Return a coordinate as a number; NaN for nothing and for what is no number."""
    try:
        return math.nan if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _numbers(values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"lon, lat: expected numbers; found something else ({error}). Turn the column into numbers first."
        raise LocateError(msg) from error


def _invalid(x: Floats, y: Floats, geographic: bool) -> NDArray[np.bool_]:
    """Return where coordinates are missing, infinite, or no degrees at all."""
    invalid: NDArray[np.bool_] = ~(np.isfinite(x) & np.isfinite(y))
    return invalid | ((np.abs(x) > 180) | (np.abs(y) > 90)) if geographic else invalid
