"""The ground that incidents are taken to: the grids in force, their plans, and what their communities are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gridplan.incidents.precision import METRES_A_DEGREE
from gridplan.locate import PointIndex

# What stands behind the name of a community, and may be left out.
_ENDINGS = ("社区居委会", "居委会", "村委会", "社区", "社區", "里", "村")
_PARTING = re.compile(r"[\n\r|,，;；/、+&]+")
# 裕農A and 裕農B are parts of one.
_PART = re.compile(r"[A-Za-z]$")
_SAME_SIGNS = str.maketrans("臺", "台")


@dataclass(frozen=True)
class Ground:
    """
    The grids that incidents are taken to.

    Parameters
    ----------
    grids
        ``grid_code, community_code, geometry`` and, where plans are kept in a store, ``plan_id``.
    communities
        Names by community_code; may be empty.
    """

    grids: gpd.GeoDataFrame
    communities: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def index(self) -> PointIndex:
        """The grids, ready to be asked about points."""
        return PointIndex.from_plan(self.grids)

    @cached_property
    def plan_of(self) -> dict[str, str | None]:
        """Plans by grid_code."""
        if "plan_id" not in self.grids:
            return dict.fromkeys(self.grids["grid_code"])
        return dict(zip(self.grids["grid_code"], self.grids["plan_id"], strict=True))

    @cached_property
    def home_of(self) -> dict[str, str]:
        """Communities by grid_code."""
        return dict(zip(self.grids["grid_code"], self.grids["community_code"].astype(str), strict=True))

    def named(self, text: str) -> tuple[list[str], list[str]]:
        """
        Return the communities that a register's column names: their codes, and names that are of none.

        Parameters
        ----------
        text
            One name or several; with or without 社区, 里 or 村; a letter behind it is a part of it.
        """
        known, strange = [], []
        for part in _PARTING.split(text):
            name = _PART.sub("", "".join(part.split())).translate(_SAME_SIGNS)
            codes = self._by_name.get(name, []) if name else []
            known += codes
            strange += [part.strip()] if name and not codes else []
        return list(dict.fromkeys(known)), strange

    def mentioned(self, text: str) -> list[str]:
        """Return the communities whose whole name stands in an address."""
        if self._pattern is None or not text:
            return []
        found = self._pattern.findall(text.translate(_SAME_SIGNS))
        return list(dict.fromkeys(code for name in found for code in self._by_name[name]))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code, name in sorted(self.communities.items()):
            whole = name.translate(_SAME_SIGNS)
            for each in dict.fromkeys([whole, _stem(whole)]):
                found.setdefault(each, []).append(code)
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        whole = {name.translate(_SAME_SIGNS) for name in self.communities.values()}
        names = sorted((name for name in whole if _stem(name) != name and len(name) > 2), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names))) if names else None

    def shares(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], step_m: NDArray[np.float64]
    ) -> list[dict[str, float]]:
        """
        Return in which grids rounded points may lie, with the share of the square of rounding that lies in each.

        Parameters
        ----------
        lon, lat
            WGS 84, degrees; shape (n,).
        step_m
            Metres to which each is rounded; shape (n,).
        """
        first, of = _each_once(lon, lat, step_m)
        squares = self._squares(lon[first], lat[first], step_m[first])
        polygons = self.index.grids.polygons
        square, grid = self._tree.query(squares, predicate="intersects")
        parts = shapely.area(shapely.intersection(squares[square], polygons[grid])) / shapely.area(squares[square])
        found: list[dict[str, float]] = [{} for _ in range(len(first))]
        codes = self.index.codes
        for place, number, share in zip(square.tolist(), grid.tolist(), parts.tolist(), strict=True):
            if share > 0:
                found[place][codes[number]] = share
        return [dict(found[place]) for place in of]

    def whole(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], step_m: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which squares of rounding lie in one grid as a whole; shape (n,)."""
        first, of = _each_once(lon, lat, step_m)
        inside = self._tree.query(self._squares(lon[first], lat[first], step_m[first]), predicate="covered_by")[0]
        result = np.zeros(len(first), dtype=bool)
        result[inside] = True
        whole: NDArray[np.bool_] = result[of]
        return whole

    def nearest_of(self, community: str, lon: float, lat: float) -> str | None:
        """Return the grid of a community that is nearest to a point; None where it has none."""
        codes = self.index.codes
        mine = [number for number, code in enumerate(codes) if self.home_of.get(code) == community]
        if not mine:
            return None
        x, y = self._into.transform(lon, lat)
        metres = shapely.distance(self.index.grids.polygons[mine], shapely.Point(x, y))
        return str(codes[mine[int(np.argmin(metres))]])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.index.grids.polygons)

    @cached_property
    def _into(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.index.crs, always_xy=True)

    def _squares(self, lon: NDArray[np.float64], lat: NDArray[np.float64], step_m: NDArray[np.float64]) -> NDArray[Any]:
        half = step_m / METRES_A_DEGREE / 2
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
        rings = np.empty((len(lon), 5, 2))
        for corner, (east, north) in enumerate(corners):
            rings[:, corner, 0], rings[:, corner, 1] = self._into.transform(lon + east * half, lat + north * half)
        squares: NDArray[Any] = shapely.polygons(rings)
        return squares


def ground_of(plan: Any) -> Ground:
    """
    Return the ground of one plan.

    Parameters
    ----------
    plan
        A `gridplan.Plan`; its grids and the names of its communities are taken.
    """
    names = plan.communities[["community_code", "name"]].dropna()
    return Ground(plan.grids, dict(zip(names["community_code"], names["name"], strict=True)))


def together(parts: Mapping[str, tuple[gpd.GeoDataFrame, pd.DataFrame]]) -> Ground:
    """
    Return the ground of several plans in force together.

    Parameters
    ----------
    parts
        Grids and communities by plan id.
    """
    frames = [grids.assign(plan_id=plan_id) for plan_id, (grids, _) in parts.items()]
    crs = frames[0].crs
    placed = [frame if frame.crs == crs else frame.to_crs(crs) for frame in frames]
    grids = gpd.GeoDataFrame(pd.concat(placed, ignore_index=True), geometry="geometry", crs=crs)
    names = pd.concat([communities[["community_code", "name"]] for _, communities in parts.values()]).dropna()
    return Ground(grids, dict(zip(names["community_code"], names["name"], strict=True)))


def _each_once(*columns: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each that stands in the columns, and for every row which of these it is like."""
    frame = pd.DataFrame(dict(enumerate(columns)))
    of = np.asarray(frame.groupby(list(frame.columns), sort=False, dropna=False).ngroup(), dtype=np.int64)
    first: NDArray[np.int64] = np.flatnonzero(~frame.duplicated().to_numpy())
    return first, of


def _stem(name: str) -> str:
    return next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end) and len(name) > len(end) + 1), name)
