"""Vector tiles of Web Mercator: features cut to a square, their corners on its lattice, as few as one can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from api.ogc.collections import Collection
from api.ogc.table import FeatureTable

MVT = "application/vnd.mapbox-vector-tile"
# Half the side of the square of Web Mercator, metres: pi times the radius of the WGS 84 ellipsoid.
HALF_M = np.pi * 6_378_137.0
EXTENT, BUFFER = 4096, 64
# Screens show some 512 points of a tile; a border may move half of one.
_POINTS = 1024
# Beyond this zoom all corners are kept.
_ALL_CORNERS = 16


@dataclass(frozen=True)
class Tile:
    """
    A square of the WebMercatorQuad tile matrix set.

    Parameters
    ----------
    zoom
        0 for the whole square.
    row, column
        From the north-west, each 0 to 2 ** zoom - 1.
    """

    zoom: int
    row: int
    column: int

    @property
    def side_m(self) -> float:
        """Side of the tile, metres of Web Mercator."""
        return float(2 * HALF_M / 2**self.zoom)

    @property
    def corner(self) -> tuple[float, float]:
        """Its north-western corner, metres of Web Mercator."""
        return -HALF_M + self.column * self.side_m, HALF_M - self.row * self.side_m

    def there(self) -> bool:
        """Tell whether there is such a tile."""
        count = 1 << self.zoom
        return 0 <= self.row < count and 0 <= self.column < count


def tile_of(table: FeatureTable, collection: Collection, tile: Tile) -> bytes:
    """
    Return a tile with the features of a collection; empty where none lie there.

    Parameters
    ----------
    table
        The features.
    collection
        What they are.
    tile
        The tile.
    """
    return table.tiles.make(tile, lambda: _encoded(_layer(table, collection, tile)))


def _layer(table: FeatureTable, collection: Collection, tile: Tile) -> dict[str, Any] | None:
    tolerance = 0.0 if tile.zoom >= _ALL_CORNERS else tile.side_m / _POINTS
    geometry = table.simplified(tolerance)
    west, north = tile.corner
    margin = tile.side_m * BUFFER / EXTENT
    edges = (west - margin, north - tile.side_m - margin, west + tile.side_m + margin, north + margin)
    boxes = shapely.bounds(geometry)
    near = (boxes[:, 0] <= edges[2]) & (boxes[:, 2] >= edges[0]) & (boxes[:, 1] <= edges[3]) & (boxes[:, 3] >= edges[1])
    rows = np.flatnonzero(near)
    if not len(rows):
        return None
    cut = shapely.clip_by_rect(geometry[rows], *edges)
    scale = EXTENT / tile.side_m
    drawn = shapely.transform(cut, lambda xy: np.round((xy - (west, north)) * (scale, -scale)))
    features = [
        {"geometry": shape, "properties": _shown(table.rows[row])}
        for shape, row in zip(drawn, rows.tolist(), strict=True)
        if not shape.is_empty and _seen(shape)
    ]
    return {"name": collection.name, "features": features} if features else None


def _encoded(layer: dict[str, Any] | None) -> bytes:
    if layer is None:
        return b""
    options = {"y_coord_down": True, "extents": EXTENT, "on_invalid_geometry": _mended}
    found: bytes = mapbox_vector_tile.encode(layer, default_options=options)
    return found


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape that rounding to the lattice has folded, without the fold."""
    return shapely.make_valid(shape)


def _seen(shape: shapely.Geometry) -> bool:
    """Tell whether anything is left of an area on the lattice."""
    return bool(shapely.get_dimensions(shape) < 2 or shapely.area(shape) >= 1)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that a tile can hold: no nulls."""
    return {name: value for name, value in row.items() if value is not None}
