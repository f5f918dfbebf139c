"""Geometries checked and put in a normal form: kind, emptiness, validity, single parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import GeometryType as Kind

from gridplan.schema import Layer, Shape
from gridplan.sources.columns import parse_numbers
from gridplan.sources.log import FaultLog

_KINDS: dict[Shape, tuple[int, ...]] = {
    "point": (Kind.POINT,),
    "line": (Kind.LINESTRING, Kind.MULTILINESTRING, Kind.LINEARRING),
    "polygon": (Kind.POLYGON, Kind.MULTIPOLYGON),
}
# A repair that changes the area by more than this share would be a guess at what was meant.
_MAX_CHANGE = 0.01
Geometries = NDArray[Any]


@dataclass(frozen=True)
class _Rows:
    """Whose geometries are checked: the layer, the rows' names and what they hold, for messages."""

    layer: Layer
    labels: NDArray[Any]
    households: NDArray[np.float64]
    log: FaultLog

    def holds_nobody(self) -> NDArray[np.bool_]:
        """Return which rows are buildings that are known to have no household."""
        nobody: NDArray[np.bool_] = (self.households == 0) & (self.layer.name == "buildings")
        return nobody

    def complain(self, code: str, where: NDArray[np.bool_], **params: Any) -> None:
        """Log a fault where there is any row that has it, with the households concerned."""
        if where.any():
            households = int(np.nansum(self.households[where]))
            rows = self.labels[where].tolist()
            self.log.add(code, self.layer.name, "geometry", rows=rows, households=households, **params)


def check_geometry(rows: pd.DataFrame, layer: Layer, labels: NDArray[Any], log: FaultLog) -> pd.DataFrame:
    """
    Check the geometries of a layer and bring them into normal form.

    Parameters
    ----------
    rows
        Rows with ``geometry`` in the working CRS and ``reported``.
    layer
        The layer.
    labels
        Names of the rows for messages, shape (n_rows,).
    log
        Takes empty, wrong and invalid geometries.

    Returns
    -------
    rows
        With valid geometries of the layer's kinds, a multi-geometry of one part as that part; None where there is
        none that can be used, and ``reported`` there.
    """
    named = _Rows(layer, labels, _households(rows), log)
    geometry = single_parts(rows["geometry"].to_numpy())
    geometry = without(geometry, shapely.is_empty(geometry))
    missing = shapely.is_missing(geometry)
    if layer.geometry_required:
        empty = missing & ~rows["reported"].to_numpy(dtype=bool)
        # A building that holds nobody can be left out without losing anybody.
        harmless = empty & named.holds_nobody()
        named.complain("empty-geometry", empty & ~harmless)
        named.complain("buildings-without-place", harmless)
    allowed = [kind for shape in layer.shapes for kind in _KINDS[shape]]
    wrong = ~missing & ~np.isin(shapely.get_type_id(geometry), allowed)
    if wrong.any():
        found = ", ".join(sorted({each.geom_type for each in geometry[wrong]}))
        named.complain("wrong-geometry", wrong, allowed=" | ".join(layer.shapes), kinds=found)
    geometry = without(geometry, wrong)
    geometry, unusable = _repair(geometry, named)
    reported = rows["reported"].to_numpy(dtype=bool) | wrong | unusable | missing
    return rows.assign(geometry=objects(geometry, rows.index), reported=reported)


def without(geometry: Geometries, where: NDArray[np.bool_]) -> Geometries:
    """
    Return a copy with None in some places.

    Parameters
    ----------
    geometry
        Shape (n,).
    where
        The places, shape (n,).
    """
    result = np.array(geometry, dtype=object)
    result[where] = None
    return result


def objects(values: Geometries, index: pd.Index) -> pd.Series:
    """
    Return values as a Series of objects; pandas would make numbers of some and extension arrays of others.

    Parameters
    ----------
    values
        Shape (n,).
    index
        Index of the Series.
    """
    series: pd.Series = pd.DataFrame({"values": np.asarray(values, dtype=object)}, index=index, dtype=object)["values"]
    return series


def single_parts(geometry: Geometries) -> Geometries:
    """
    Return multi-geometries of one part as that part.

    Files that hold one kind of geometry per layer promote single polygons to multi; without this a district
    written and read back would differ.

    Parameters
    ----------
    geometry
        Geometries or None, shape (n,).
    """
    geometry = np.asarray(geometry, dtype=object)
    one = (shapely.get_num_geometries(geometry) == 1) & (shapely.get_type_id(geometry) >= Kind.MULTIPOINT)
    result = geometry.copy()
    result[one] = shapely.get_geometry(geometry[one], 0)
    return result


def _households(rows: pd.DataFrame) -> NDArray[np.float64]:
    if "households" not in rows:
        return np.full(len(rows), np.nan)
    return parse_numbers(rows["households"]).amounts


def _repair(geometry: Geometries, named: _Rows) -> tuple[Geometries, NDArray[np.bool_]]:
    """Make invalid geometries valid where nearly nothing changes; log the repaired and the hopeless."""
    unusable = np.zeros(len(geometry), dtype=bool)
    invalid = np.flatnonzero(~shapely.is_missing(geometry) & ~shapely.is_valid(geometry))
    if len(invalid) == 0:
        return geometry, unusable
    before = geometry[invalid]
    after = single_parts(polygonal(shapely.make_valid(before, method="structure", keep_collapsed=False)))
    is_line = shapely.get_dimensions(before) == 1
    good = _nearly_equal_area(before, after) & ~is_line
    reasons = ", ".join(sorted({str(why).split("[")[0] for why in shapely.is_valid_reason(before)}))
    result = geometry.copy()
    result[invalid] = without(after, ~good)
    unusable[invalid[~good & ~is_line]] = True
    mended, degenerate = np.zeros_like(unusable), np.zeros_like(unusable)
    mended[invalid[good]] = True
    degenerate[invalid[is_line]] = True
    named.complain("repaired-geometry", mended, reason=reasons)
    named.complain("degenerate-lines", degenerate, reason=reasons)
    named.complain("invalid-geometry", unusable, reason=reasons)
    return result, unusable | degenerate


def polygonal(geometry: Geometries) -> Geometries:
    """
    Return the polygonal part of each geometry, None where there is none.

    Parameters
    ----------
    geometry
        Any geometries, shape (n,).
    """
    kinds = shapely.get_type_id(geometry)
    result = without(geometry, ~np.isin(kinds, _KINDS["polygon"]))
    for at in np.flatnonzero(kinds == Kind.GEOMETRYCOLLECTION):
        parts = [part for part in shapely.get_parts(geometry[at]) if part.geom_type in {"Polygon", "MultiPolygon"}]
        result[at] = shapely.union_all(parts) if parts else None
    result[shapely.is_empty(result)] = None
    return result


def _nearly_equal_area(before: Geometries, after: Geometries) -> NDArray[np.bool_]:
    old, new = np.abs(shapely.area(before)), np.nan_to_num(shapely.area(after))
    equal: NDArray[np.bool_] = (new > 0) & (np.abs(new - old) <= _MAX_CHANGE * np.maximum(new, old))
    return equal
