"""The two files side by side, all geometry in the plan's CRS, all ids as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

_IDS = (
    "community_code",
    "building_id",
    "grid_code",
    "compound_id",
    "unit_id",
    "old_code",
    "new_code",
    "entrance",
    "name",
    "kind",
)


@dataclass(frozen=True)
class Case:
    """
    A source and the plan made from it.

    Parameters
    ----------
    communities, buildings
        Layers of the source.
    barriers, present, exclusive, entrances
        Layers of the source that may be absent (None); ``present`` are today's grids.
    grids, units, violations, lineage
        Layers of the plan.
    report
        What the ``.report.json`` beside the plan says, or None where there is none.
    minimum, maximum
        Band of households.
    """

    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame | None
    present: gpd.GeoDataFrame | None
    exclusive: gpd.GeoDataFrame | None
    entrances: pd.DataFrame | None
    grids: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    violations: pd.DataFrame
    lineage: pd.DataFrame
    report: dict[str, Any] | None
    minimum: int
    maximum: int

    @cached_property
    def own(self) -> pd.DataFrame:
        """Rows of ``units`` that have a building."""
        return pd.DataFrame(self.units[self.units["building_id"].notna()])

    @cached_property
    def divided(self) -> set[str]:
        """Buildings that may stand in several grids: those above the maximum with households by entrance."""
        if self.entrances is None:
            return set()
        large = self.buildings["building_id"][self.buildings["households"] > self.maximum]
        return set(large) & set(self.entrances["building_id"])

    @cached_property
    def fixed(self) -> pd.Series:
        """For each grid whether its ground was given: locked or exclusive; by ``grid_code``."""
        given = (self.grids["locked"].astype(int) == 1) | (self.grids["kind"] == "exclusive")
        return pd.Series(given.to_numpy(), index=self.grids["grid_code"])

    @cached_property
    def core(self) -> list[Any]:
        """Each community without the ground that another claims too, in the order of ``communities``."""
        return [
            shapely.difference(own, others) for own, others in zip(self.communities.geometry, self.rivals, strict=True)
        ]

    @cached_property
    def rivals(self) -> list[Any]:
        """For each community the union of the communities that share ground with it."""
        shapes = self.communities.geometry.to_numpy()
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        return [shapely.union_all(shapes[second[(first == i) & (second != i)]]) for i in range(len(shapes))]

    @cached_property
    def places(self) -> Any:
        """For each row of ``own`` a point where its households live, within its unit's cell."""
        cells = self.units.dropna(subset=["geometry"]).drop_duplicates("unit_id").set_index("unit_id").geometry
        cell = cells.reindex(self.own["unit_id"]).to_numpy()
        shape = self.buildings.drop_duplicates("building_id").set_index("building_id").geometry
        footprint = shape.reindex(self.own["building_id"]).to_numpy()
        inside = shapely.intersection(footprint, cell)
        nothing = shapely.is_missing(inside) | shapely.is_empty(inside)
        return shapely.point_on_surface(np.where(nothing, cell, inside))

    def listed(self, rule: str) -> pd.DataFrame:
        """Return the violations of one rule."""
        return self.violations[self.violations["rule"] == rule]

    def rim(self, perimeter: float) -> float:
        """Return the area (m2) by which grids may differ from a border of the given length (m)."""
        return max(0.05, 0.001 * perimeter)


def read_case(source: Path, plan: Path, minimum: int, maximum: int) -> Case:
    """
    Read both files.

    Parameters
    ----------
    source, plan
        Paths of the GeoPackages; the plan's layout is known to be right.
    minimum, maximum
        Band of households.
    """
    grids = _read(plan, "grids")
    crs = grids.crs
    communities = _read(source, "communities").to_crs(crs)
    communities["geometry"] = shapely.make_valid(communities.geometry.to_numpy())
    buildings = _read(source, "buildings").to_crs(crs)
    buildings["households"] = pd.to_numeric(buildings["households"])
    beside = plan.with_name(f"{plan.stem}.report.json")
    return Case(
        communities=communities,
        buildings=buildings,
        barriers=_read_optional(source, "barriers", crs),
        present=_read_optional(source, "grids", crs),
        exclusive=_read_optional(source, "exclusive", crs),
        entrances=_read_optional(source, "entrances", None),
        grids=grids,
        units=_read(plan, "units").to_crs(crs),
        violations=_read(plan, "violations"),
        lineage=_read(plan, "lineage"),
        report=json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else None,
        minimum=minimum,
        maximum=maximum,
    )


def _read(path: Path, layer: str) -> Any:
    frame = pyogrio.read_dataframe(path, layer=layer)
    for column in frame.columns.intersection(_IDS):
        frame[column] = pd.Series([_text(value) for value in frame[column]], index=frame.index, dtype=object)
    return frame


def _read_optional(path: Path, layer: str, crs: Any) -> Any:
    if layer not in {name for name, _ in pyogrio.list_layers(path)}:
        return None
    frame = _read(path, layer)
    if frame.empty:
        return None
    return frame.to_crs(crs) if crs is not None and isinstance(frame, gpd.GeoDataFrame) else frame


def _text(value: Any) -> str | None:
    if value is None or value is pd.NA or value != value:  # NaN alone differs from itself
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
