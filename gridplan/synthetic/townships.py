"""Twelve towns of an invented county with the cases of each, to be joined into zones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.synthetic.write import write_source

CRS = "EPSG:4552"
EAST, NORTH = 470_000.0, 5_260_000.0
COUNTY = "230718"
#: Names of the towns; invented.
NAMES = (
    "青泉镇", "松岭镇", "桦溪镇", "柏阳镇", "锦河镇", "翠峦口镇",
    "兴安沟乡", "春晖乡", "团山乡", "丰林乡", "云岭乡", "红星乡",
)  # fmt: skip
WIDE_M, HIGH_M = 42_000.0, 30_000.0
_STEPS = 12
NOTICE = "合成示例：乡镇、界线与案件数均为虚构。 Synthetic: towns, borders and cases are made up."


def write_towns(path: Path, rng: np.random.Generator) -> Path:
    """
    Write the towns as one layer of plain polygons, as an office would have them.

    Parameters
    ----------
    path
        GeoPackage to write; replaced in one step.
    rng
        Random numbers.

    Returns
    -------
    pathlib.Path
        The path.

    Notes
    -----
    ``代码, 名称, 案件数, geometry``: towns tile the county without gap or overlap. Towns in the middle are smaller and
    have more cases, as county seats do; the shares are ours.
    """
    county = _county(rng)
    shapes = _towns(county, rng)
    centre = shapely.centroid(county)
    order = np.argsort(shapely.distance(shapely.centroid(shapes), centre), kind="stable")
    shapes = shapes[order]
    share = 1.0 / (1.0 + np.arange(len(shapes)) * 0.35) * rng.uniform(0.8, 1.25, len(shapes))
    cases = np.round(6_000 * share / share.sum()).astype(np.int64)
    towns = gpd.GeoDataFrame(
        {"代码": [f"{COUNTY}{100 + place:03d}" for place in range(len(shapes))], "名称": NAMES, "案件数": cases},
        geometry=shapes,
        crs=CRS,
    )
    return write_source({"towns": towns}, {"notice": NOTICE}, path)


def _county(rng: np.random.Generator) -> shapely.Polygon:
    """Return the county: an ellipse whose border wavers."""
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    waver = 1 + sum(rng.uniform(0.02, 0.05) * np.sin(k * turn + rng.uniform(0, 6.28)) for k in (2, 3, 5, 8))
    x = EAST + WIDE_M / 2 * (1 + np.cos(turn) * waver)
    y = NORTH + HIGH_M / 2 * (1 + np.sin(turn) * waver)
    return shapely.Polygon(np.round(np.column_stack([x, y]), 3))


def _towns(county: shapely.Polygon, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return polygons that tile the county, evened out by Lloyd's steps (Lloyd 1982), denser in the middle."""
    spread = rng.normal(0, 0.22, (len(NAMES), 2))
    places = shapely.points(EAST + WIDE_M * (0.5 + spread[:, 0]), NORTH + HIGH_M * (0.5 + spread[:, 1]))
    for _ in range(_STEPS):
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=county))
        cells = shapely.intersection(cells, county, grid_size=0.001)
        places = shapely.centroid(cells)
    if len(cells) != len(NAMES):
        raise ValueError(f"expected {len(NAMES)} towns, found {len(cells)}; choose another seed")
    return np.asarray(cells, dtype=object)
