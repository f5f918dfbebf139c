"""A district small enough to see: two squares of 100 m side by side, four buildings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gridplan.sources.gdal import write_geopackage

# Test modules are imported by file, so what they share is found here and nowhere else.
sys.path.insert(0, str(Path(__file__).parent))

from source_squares import CRS, box, point


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
def write(tmp_path: Path, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> Callable[..., Path]:
    """Return a writer of a GeoPackage with the two layers, changed or added to by keyword."""

    def _write(name: str = "source.gpkg", **layers: pd.DataFrame | None) -> Path:
        path = tmp_path / name
        given = {"communities": communities, "buildings": buildings, **layers}
        write_geopackage(path, {key: frame for key, frame in given.items() if frame is not None})
        return path

    return _write
