"""A district small enough to see: two squares of 100 m side by side, four buildings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gridplan.faults import Fault
from gridplan.sources import Report
from gridplan.sources.gdal import write_geopackage

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 2_500_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box in metres from the district's south-west corner."""
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def fault(report: Report, code: str) -> Fault:
    """Return the one fault of a code."""
    (found,) = [each for each in report.faults if each.code == code]
    return found


def codes(report: Report) -> set[str]:
    return {each.code for each in report.faults}


@pytest.fixture
def communities() -> gpd.GeoDataFrame:
    """
    Two communities::

        +-------+-------+ 100
        |   A   |   B   |
        +-------+-------+ 0
        0      100     200
    """
    names = ["110101001001", "110101001002"]
    return gpd.GeoDataFrame(
        {"community_code": names, "name": ["甲", "乙"]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=CRS
    )


@pytest.fixture
def buildings() -> gpd.GeoDataFrame:
    """Two footprints of 10 m in A, one footprint and one point in B."""
    shapes = [box(10, 10, 20, 20), box(40, 40, 50, 50), box(110, 10, 120, 20), point(150, 50)]
    return gpd.GeoDataFrame(
        {"building_id": ["b1", "b2", "b3", "b4"], "households": [10, 20, 30, 40]}, geometry=shapes, crs=CRS
    )


@pytest.fixture
def write(
    tmp_path: Path, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> Callable[..., Path]:
    """Return a writer of a GeoPackage with the two layers, changed or added to by keyword."""

    def _write(name: str = "source.gpkg", **layers: pd.DataFrame | None) -> Path:
        path = tmp_path / name
        given = {"communities": communities, "buildings": buildings, **layers}
        write_geopackage(path, {key: frame for key, frame in given.items() if frame is not None})
        return path

    return _write
