"""A ground of four squares of 500 m in two communities, and records drawn on it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gridplan.incidents.ground import Ground
from gridplan.incidents.handling import read_handling
from gridplan.incidents.mapping import Layout
from gridplan.incidents.records import Records, records_of

CRS, X0, Y0, SIDE = "EPSG:32650", 450_000.0, 4_400_000.0, 500.0
WEST, EAST = "110101001001", "110101001002"
HANDLING = read_handling()
NOW = pd.Timestamp("2026-11-02T04:00:00Z").to_pydatetime()
_OUT = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def ground() -> Ground:
    """Return grids 001 (south) and 002 (north) of 花园社区 in the west and 河东社区 in the east.

    002 | 002
    ----+----
    001 | 001
    """
    rows = [
        (f"{community}{row + 1:03d}", community, shapely.box(x, y, x + SIDE, y + SIDE))
        for column, community in enumerate((WEST, EAST))
        for row in range(2)
        for x, y in [(X0 + column * SIDE, Y0 + row * SIDE)]
    ]
    frame = gpd.GeoDataFrame(
        {"grid_code": [r[0] for r in rows], "community_code": [r[1] for r in rows]},
        geometry=[r[2] for r in rows],
        crs=CRS,
    )
    return Ground(frame, {WEST: "花园社区", EAST: "河东社区"})


def lonlat(x: float, y: float, decimals: int = 7) -> tuple[float, float]:
    """Return degrees of a place, metres from the south-west corner of all."""
    lon, lat = _OUT.transform(X0 + x, Y0 + y)
    return round(lon, decimals), round(lat, decimals)


def record(number: int, x: float, y: float, address: str = "", community: str = "", **more: Any) -> dict[str, Any]:
    lon, lat = lonlat(x, y)
    row = {"id": f"A{number}", "reported_at": "2026-10-20 08:00", "category": "暴露垃圾", "address": address}
    return {**row, "lon": lon, "lat": lat, "community": community, **more}


def read(rows: list[dict[str, Any]], **layout: Any) -> Records:
    frame = pd.DataFrame(rows).astype(object)
    return records_of(frame.where(frame.notna(), None), Layout(source="test", **layout), HANDLING, NOW)


def many(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return records spread evenly over the middle of all four, far from borders, each with a house of its own."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(60, 440, (count, 2)) + SIDE * rng.integers(0, 2, (count, 2))
    streets = [f"第{k}大街" for k in range(40)]
    return [record(k, x, y, f"{streets[k % 40]}{k}号") for k, (x, y) in enumerate(spots)]
