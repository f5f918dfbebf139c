"""
A town whose 40 grids tile a rectangle with a hole, and whose shared borders bend: what lookups by point are tested on.

Each grid is a Voronoi cell whose border is bent by a smooth map and rounded to a millimetre, as plans are; the map is
the same for both sides, so that neighbours share their vertices exactly. One grid has a hole (a lake that belongs to
nobody), and two lie in two parts.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

CRS = "EPSG:4549"
WEST, SOUTH = 500_000.0, 2_540_000.0
WIDTH, HEIGHT = 3_000.0, 2_000.0


def bend(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bend the plane by a few metres."""
    x, y = xy[:, 0], xy[:, 1]
    bent = np.column_stack([x + 4 * np.sin(y / 37) + 3 * np.sin(x / 23), y + 4 * np.sin(x / 41) + 3 * np.sin(y / 19)])
    return np.round(bent, 3)


def make_town(n_grids: int = 40, seed: int = 3) -> gpd.GeoDataFrame:
    """Return the grids of the town, in an order that is not that of their codes."""
    rng = np.random.default_rng(seed)
    frame = shapely.box(WEST, SOUTH, WEST + WIDTH, SOUTH + HEIGHT)
    sites = rng.uniform([WEST, SOUTH], [WEST + WIDTH, SOUTH + HEIGHT], (n_grids + 2, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=frame))
    cells = shapely.transform(shapely.segmentize(shapely.intersection(cells, frame), 25.0), bend)
    lake = shapely.buffer(shapely.point_on_surface(cells[0]), 12.0, quad_segs=4)
    cells[0] = shapely.difference(cells[0], lake)
    far = [int(np.argmax(shapely.distance(cells[at], cells[:n_grids]))) for at in (n_grids, n_grids + 1)]
    polygons = cells[:n_grids].copy()
    for at, home in zip((n_grids, n_grids + 1), far, strict=True):
        polygons[home] = shapely.union_all([polygons[home], cells[at]], grid_size=None)
    codes = [f"4401040010{number:02d}" for number in rng.permutation(n_grids)]
    return gpd.GeoDataFrame({"grid_code": codes}, geometry=polygons, crs=CRS)
