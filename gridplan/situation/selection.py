"""What lies in an area: buildings, households, grids and those who answer for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.errors import LocateError, UnknownCodeError
from gridplan.situation.theme import NO_CLASS, Theme
from gridplan.situation.workers import Workers

Flags = NDArray[np.bool_]

if TYPE_CHECKING:
    from gridplan.plan import Plan

# A border drawn along another one touches it by less than this, square metres.
_TOUCH_M2 = 1.0


@dataclass(frozen=True, eq=False)
class Selection:
    """
    Buildings that were picked, in the plan that they were picked in.

    Parameters
    ----------
    plan
        The plan.
    rows
        Rows of ``plan.units`` picked, bool, shape (n_units,).
    area
        What was drawn, in the plan's CRS; None where buildings were listed.
    by
        ``footprint``, ``cell`` (a building whose footprint is not known is in where its ground is touched) or
        ``list``.
    theme, workers
        Classes of buildings, and who answers for grids, where they are known.
    addresses
        Address by building_id, where known.
    """

    plan: Plan
    rows: Flags
    area: Any
    by: str
    theme: Theme | None = None
    workers: Workers | None = None
    addresses: Mapping[str, str] | None = None

    @cached_property
    def buildings(self) -> pd.DataFrame:
        """``building_id, entrance, grid_code, households, persons, compound_id, address, class``, gravest first."""
        units = self.plan.units
        names = ["building_id", "entrance", "grid_code", "households", "persons", "compound_id"]
        rows = pd.DataFrame(units.loc[self.rows & units["building_id"].notna().to_numpy(), names]).reset_index(
            drop=True
        )
        ids = rows["building_id"].tolist()
        known = self.addresses or {}
        rows["address"] = pd.Series([known.get(each) for each in ids], dtype=object)
        order = [*(self.theme.classes if self.theme else ()), NO_CLASS]
        classes = self.theme.classes_of(ids) if self.theme else [NO_CLASS] * len(ids)
        rows["class"] = pd.Categorical(classes, categories=order, ordered=True)
        keys = ["class", "grid_code", "building_id", "entrance"]
        return rows.sort_values(keys, kind="stable", ignore_index=True).astype({"class": object})

    @property
    def classes(self) -> list[str]:
        """Classes found among the buildings picked, the gravest first; none where there is no theme."""
        if self.theme is None:
            return []
        found = set(self.buildings["class"])
        return [name for name in (*self.theme.classes, NO_CLASS) if name in found]

    @cached_property
    def grids(self) -> pd.DataFrame:
        """
        The grids concerned, those with most households to reach first.

        ``grid_code, name, community_code, community_name, buildings, households, of_households`` (the grid's)``,
        persons`` (null where not counted)``, worker, phone, deputies`` and one column of households by class.
        """
        grouped = self.buildings.groupby("grid_code", sort=True)
        sums = grouped.agg(buildings=("building_id", "nunique"), households=("households", "sum"))
        sums["persons"] = grouped["persons"].sum(min_count=1)
        facts = self.plan.grids.set_index("grid_code")[["name", "community_code", "households"]]
        out = sums.join(facts.rename(columns={"households": "of_households"})).reset_index()
        names = dict(zip(self.plan.communities["community_code"], self.plan.communities["name"], strict=True))
        out["community_name"] = out["community_code"].map(lambda code: names.get(code) or code)
        out = self._with_workers(out)
        for name in self.classes:
            inside = self.buildings[self.buildings["class"] == name].groupby("grid_code")["households"].sum()
            out[name] = out["grid_code"].map(inside).fillna(0).astype("int64")
        first = ["grid_code", "name", "community_code", "community_name", "buildings", "households", "of_households"]
        out = out[[*first, "persons", "worker", "phone", "deputies", *self.classes]]
        return out.sort_values(["households", "grid_code"], ascending=[False, True], kind="stable", ignore_index=True)

    def _with_workers(self, out: pd.DataFrame) -> pd.DataFrame:
        if self.workers is None:
            return out.assign(worker=None, phone=None, deputies=None)
        people = self.workers.by_grid.reindex(out["grid_code"]).reset_index(drop=True)
        return out.join(people.astype(object).where(people.notna(), None))

    @property
    def totals(self) -> dict[str, int]:
        """Buildings, households and grids; households by class under ``class:NAME``."""
        rows = self.buildings
        out = {
            "grids": int(rows["grid_code"].nunique()),
            "buildings": int(rows["building_id"].nunique()),
            "households": int(rows["households"].sum()),
        }
        return out | {
            f"class:{name}": int(rows.loc[rows["class"] == name, "households"].sum()) for name in self.classes
        }


def select(
    plan: Plan,
    *,
    area: Any = None,
    buildings: Collection[str] | None = None,
    footprints: gpd.GeoDataFrame | None = None,
    theme: Theme | None = None,
    workers: Workers | None = None,
) -> Selection:
    """
    Pick the buildings in an area, or those of a list.

    Parameters
    ----------
    plan
        The plan.
    area
        A polygon in the plan's CRS, or a GeoSeries or GeoDataFrame of polygons that states its own.
    buildings
        Ids of buildings, instead of an area.
    footprints
        The source's ``building_id, geometry`` and, where it has them, ``address``: a building is in where its footprint
        is touched. Without them, where its ground (its cell) is touched by more than 1 m2: rather one too many.
    theme, workers
        Classes of buildings, and who answers for grids.

    Raises
    ------
    UnknownCodeError
        If the list names buildings that the plan does not have; all are named.
    LocateError
        If not one of area and buildings is given, or the area is no polygon or lies outside the plan.
    """
    if (area is None) == (buildings is None):
        raise LocateError("expected an area or a list of buildings; found both or neither")
    addresses = _addresses(footprints)
    if buildings is not None:
        return Selection(plan, _listed(plan, buildings), None, "list", theme, workers, addresses)
    shape = _placed(area, plan.grids.crs)
    if not shapely.intersects(shape, plan.grids.geometry.to_numpy()).any():
        raise LocateError("the area touches no grid of the plan; check its coordinates and their frame (CRS, datum)")
    rows = _touched(plan, shape, footprints)
    return Selection(plan, rows, shape, "cell" if footprints is None else "footprint", theme, workers, addresses)


def _addresses(footprints: gpd.GeoDataFrame | None) -> dict[str, str]:
    if footprints is None or "address" not in footprints:
        return {}
    given = footprints[footprints["address"].notna()]
    return dict(zip(given["building_id"], given["address"], strict=True))


def _listed(plan: Plan, buildings: Collection[str]) -> Flags:
    wanted = {str(each) for each in buildings}
    ids = plan.units["building_id"]
    lacking = sorted(wanted - set(ids.dropna()))
    if lacking or not wanted:
        named = ", ".join(lacking[:5]) or "an empty list"
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise UnknownCodeError(f"expected ids (building_id) of buildings of the plan; found {named}{more}")
    return np.asarray(ids.isin(wanted), dtype=bool)


def _placed(area: Any, crs: Any) -> Any:
    """Return the area as one polygon in the plan's CRS."""
    if isinstance(area, gpd.GeoDataFrame):
        area = area.geometry
    if isinstance(area, gpd.GeoSeries):
        placed = area if area.crs is None else area.to_crs(CRS.from_user_input(crs))
        area = shapely.union_all(shapely.make_valid(placed.dropna().to_numpy()))
    if not isinstance(area, shapely.Geometry) or area.is_empty or shapely.get_dimensions(area) != 2:
        raise LocateError(
            f"expected a polygon in the plan's CRS or a GeoSeries that states its own; found {area!r:.80}"
        )
    if not np.isfinite(shapely.get_coordinates(area)).all():
        raise LocateError("the area has coordinates that are no numbers")
    return shapely.make_valid(area)


def _touched(plan: Plan, area: Any, footprints: gpd.GeoDataFrame | None) -> Flags:
    """Return the rows of units whose footprint, or else whose cell, the area touches."""
    units = plan.units
    shapely.prepare(area)
    if footprints is not None:
        placed = footprints.geometry.to_crs(plan.grids.crs).to_numpy()
        inside = footprints.loc[shapely.intersects(area, placed), "building_id"]
        return np.asarray(units["building_id"].isin(set(inside)), dtype=bool)
    cells = units.groupby("unit_id")["geometry"].first()
    shapes = cells.to_numpy(dtype=object)
    near = shapely.intersects(area, shapes)
    near[near] = shapely.area(shapely.intersection(area, shapes[near])) > _TOUCH_M2
    return np.asarray(units["unit_id"].isin(cells.index[near]) & units["building_id"].notna(), dtype=bool)
