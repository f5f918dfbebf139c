"""The town on which lookups are tested, and the folder of what draws it."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pytest

# Test modules are imported by file, so what they share is found here and nowhere else.
sys.path.insert(0, str(Path(__file__).parent))

from locate_city import make_town

from gridplan.locate import PointIndex


@pytest.fixture(scope="session")
def town() -> gpd.GeoDataFrame:
    """Return the grids of the town, in their own order."""
    return make_town()


@pytest.fixture(scope="session")
def index(town: gpd.GeoDataFrame) -> PointIndex:
    """Return the index of the town."""
    return PointIndex.from_plan(town)
