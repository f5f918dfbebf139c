"""Features of a collection as a scope sees them, held in memory and written in whichever CRS is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from api.ogc.crs import HELD, Geometries, as_named, moved
from api.standing import Held

# Forms of one table: CRSs asked for, zooms simplified for.
# Decimals of coordinates: a tenth of a millimetre.
_DIGITS, _METRIC_DIGITS = 9, 4
_MOST_FORMS, _MOST_TILES = 24, 2_048


@dataclass(frozen=True)
class FeatureTable:
    """
    Features by id.

    Parameters
    ----------
    ids
        Rising, each once; shape (n,).
    rows
        Their properties, as plain JSON values.
    geometry
        Longitude and latitude of CGCS2000 (EPSG:4490), in this order; shape (n,).
    zones
        EPSG codes of the projected CRSs that the features come from.
    """

    ids: NDArray[np.object_]
    rows: tuple[Mapping[str, Any], ...]
    geometry: Geometries
    zones: tuple[int, ...]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The geometries, to be searched."""
        return shapely.STRtree(self.geometry)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Row of each feature by id."""
        return {str(name): row for row, name in enumerate(self.ids)}

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north, degrees; None where there are no features."""
        if not len(self.geometry):
            return None
        west, south, east, north = shapely.total_bounds(self.geometry).tolist()
        return west, south, east, north

    @cached_property
    def _forms(self) -> Held[Any]:
        return Held(_MOST_FORMS)

    @cached_property
    def tiles(self) -> Held[bytes]:
        """Tiles that were made of it, by place."""
        return Held(_MOST_TILES)

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(json.dumps(dict(row), ensure_ascii=False, allow_nan=False) for row in self.rows)

    def projected(self) -> Geometries:
        """Return the geometries in Web Mercator (EPSG:3857), metres."""
        found: Geometries = self._forms.make("mercator", lambda: moved(self.geometry, HELD, 3857))
        return found

    def simplified(self, tolerance_m: float) -> Geometries:
        """
        Return the geometries in Web Mercator without corners that nobody sees; neighbours keep a common border.

        Parameters
        ----------
        tolerance_m
            Metres of Web Mercator that a border may move; 0 keeps all corners.
        """
        if not tolerance_m:
            return self.projected()
        found: Geometries = self._forms.make(tolerance_m, lambda: _simplified(self.projected(), tolerance_m))
        return found

    def features(self, rows: Sequence[int], epsg: int | None) -> list[str]:
        """
        Return features as texts of GeoJSON.

        Parameters
        ----------
        rows
            Which.
        epsg
            CRS of their coordinates; None for CRS84.
        """
        shapes = self._forms.make(("json", epsg), lambda: self._shapes(epsg))
        names = [json.dumps(str(self.ids[row]), ensure_ascii=False) for row in rows]
        return [
            f'{{"type":"Feature","id":{name},"properties":{self._texts[row]},"geometry":{shapes[row]}}}'
            for name, row in zip(names, rows, strict=True)
        ]

    def _shapes(self, epsg: int | None) -> list[str]:
        digits = _DIGITS if epsg is None or epsg in (4326, 4490) else _METRIC_DIGITS
        placed = as_named(moved(self.geometry, HELD, epsg), epsg)
        placed = shapely.transform(placed, lambda xy: np.round(xy, digits))
        return [text or "null" for text in shapely.to_geojson(placed).tolist()]

    def matching(self, asked: Mapping[str, Any], area: shapely.Geometry | None) -> NDArray[np.int64]:
        """
        Return the rows of features with all properties that are asked for, and that meet an area, rising.

        Parameters
        ----------
        asked
            Values by name of property.
        area
            In EPSG:4490, or None.
        """
        everything = np.arange(len(self.ids))
        rows = everything if area is None else np.sort(self.tree.query(area, predicate="intersects"))
        if asked:
            fits = [all(self.rows[row].get(name) == value for name, value in asked.items()) for row in rows.tolist()]
            rows = rows[np.array(fits, dtype=bool)]
        return np.asarray(rows, dtype=np.int64)


def _simplified(geometry: Geometries, tolerance_m: float) -> Geometries:
    areas = shapely.get_dimensions(geometry) == 2
    out = geometry.copy()
    if areas.any():
        # As a coverage, so that no gap opens between neighbours.
        out[areas] = shapely.coverage_simplify(geometry[areas], tolerance_m)
    return out


EMPTY = FeatureTable(np.empty(0, dtype=object), (), np.empty(0, dtype=object), ())
