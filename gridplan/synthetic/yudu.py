"""
Yudu garden (豫都花园), an overloaded estate, drawn from five figures; the rest is made up.

The figures are 40 buildings, 108 entrances, 1,856 households and 4,860 people, in four areas with one worker each.
The drawing, the shares by building and the elderly who live alone are ours.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.synthetic.write import write_source
from gridplan.towers import shared_out

CRS = "EPSG:4552"
EAST, NORTH = 480_000.0, 5_285_000.0
COLUMNS, ROWS = 4, 10
BUILDINGS, ENTRANCES, HOUSEHOLDS, PERSONS = 40, 108, 1_856, 4_860
PITCH_M, ROW_M, DEPTH_M, ENTRANCE_M = 70.0, 36.0, 13.0, 18.0
CODE = "230718001901"
# Share of persons who are old and live alone, from the oldest row in the north to the newest in the south.
ALONE_NORTH, ALONE_SOUTH = 0.05, 0.01
NOTICE = (
    "合成示例：仅楼栋、单元、户数、人口总数有出处，其余为虚构。 Synthetic: only the totals of buildings, entrances, "
    "households and persons have a source; places and shares are made up."
)


def yudu(path: Path) -> Path:
    """
    Write Yudu garden as a source in the contract's shape.

    Parameters
    ----------
    path
        GeoPackage to write; replaced in one step.

    Returns
    -------
    pathlib.Path
        The path.

    Notes
    -----
    One community with 40 slabs in ten rows, two lanes that cross in its middle, and today's four grids, a quarter
    each. Nothing is drawn by chance.
    """
    buildings = _buildings()
    layers = {
        "communities": _frame({"community_code": [CODE], "name": ["豫都花园"]}, [_box(0, 0, COLUMNS, ROWS)]),
        "buildings": buildings,
        "barriers": _lanes(),
        "grids": _today(),
        "entrances": _entrances(buildings),
    }
    return write_source(layers, {"name": "豫都花园", "notice": NOTICE, "households_are": "synthetic"}, path)


def _box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return the ground between columns and rows; the lanes run in the middle between the second and the third."""
    x = [EAST + PITCH_M * column for column in (west, east)]
    y = [NORTH + ROW_M * row for row in (south, north)]
    return shapely.box(x[0], y[0], x[1], y[1])


def _frame(columns: dict[str, list[object]], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _doors() -> np.ndarray:
    """Return the entrances of each building: three, or two in three of ten."""
    return np.where(np.isin(np.arange(BUILDINGS) % 10, (0, 3, 6)), 2, 3)


def _buildings() -> gpd.GeoDataFrame:
    doors = _doors()
    row, column = np.divmod(np.arange(BUILDINGS), COLUMNS)
    households = _households()
    held = np.add.reduceat(households, np.r_[0, np.cumsum(doors)[:-1]])
    persons = shared_out(PERSONS, held / HOUSEHOLDS)
    middle = EAST + PITCH_M * (column + 0.5), NORTH + ROW_M * (row + 0.5)
    half = doors * ENTRANCE_M / 2.0
    shapes = shapely.box(middle[0] - half, middle[1] - DEPTH_M / 2, middle[0] + half, middle[1] + DEPTH_M / 2)
    alone = ALONE_SOUTH + (ALONE_NORTH - ALONE_SOUTH) * row / (ROWS - 1)
    columns = pd.DataFrame(
        {
            "building_id": [f"yudu-{number:02d}" for number in range(1, BUILDINGS + 1)],
            "households": held.astype(np.int64),
            "compound_id": "豫都花园",
            "persons": persons.astype(np.int64),
            "floors": 6,
            "address": [f"豫都花园{number}号楼" for number in range(1, BUILDINGS + 1)],
            "elderly_alone": np.round(alone * persons).astype(np.int64),
        }
    )
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _households() -> np.ndarray:
    """Return the households by entrance: 17 each, and one more in 20 of them, spread evenly."""
    return np.diff(np.floor(np.arange(ENTRANCES + 1) * HOUSEHOLDS / ENTRANCES)).astype(np.int64)


def _entrances(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    doors = _doors()
    columns = {
        "building_id": np.repeat(buildings["building_id"].to_numpy(), doors),
        "entrance": np.concatenate([np.arange(1, count + 1) for count in doors]).astype(str),
        "households": _households(),
    }
    return gpd.GeoDataFrame(columns, geometry=[None] * ENTRANCES, crs=CRS)


def _lanes() -> gpd.GeoDataFrame:
    middle = EAST + PITCH_M * COLUMNS / 2, NORTH + ROW_M * ROWS / 2
    ends = EAST + PITCH_M * COLUMNS, NORTH + ROW_M * ROWS
    lines = [
        shapely.LineString([(middle[0], NORTH), (middle[0], ends[1])]),
        shapely.LineString([(EAST, middle[1]), (ends[0], middle[1])]),
    ]
    return _frame({"kind": ["service"] * 2}, lines)


def _today() -> gpd.GeoDataFrame:
    half = COLUMNS / 2, ROWS / 2
    quarters = [(0, half[1]), (half[0], half[1]), (0, 0), (half[0], 0)]
    shapes = [_box(west, south, west + half[0], south + half[1]) for west, south in quarters]
    names = ["西北片", "东北片", "西南片", "东南片"]
    return _frame({"grid_code": [f"{CODE}00{number}" for number in range(1, 5)], "name": [*names]}, shapes)
