"""The document of the morning: as many pages as it needs, the same each time, its classes those of the counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridplan.incidents.briefing import classes, write_briefing
from gridplan.incidents.calendar import Calendar
from gridplan.incidents.ground import Ground
from gridplan.incidents.summary import Summary, UnitLevel, summarise
from gridplan.incidents.tables import COLUMNS, Period

GRIDS = 50


@pytest.fixture(scope="module")
def ground() -> Ground:
    """Return fifty grids of 100 m in a row, 400 households each."""
    codes = [f"230718001001{n:03d}" for n in range(1, GRIDS + 1)]
    shapes = shapely.box(np.arange(GRIDS) * 100.0, 0, np.arange(GRIDS) * 100.0 + 100, 100)
    frame = {"grid_code": codes, "community_code": "230718001001", "households": 400}
    return Ground(gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4549"))


def counted(ground: Ground, level: UnitLevel) -> Summary:
    """Return numbers of October: three incidents in the first grid, none elsewhere."""
    row = dict.fromkeys(COLUMNS)
    at = pd.Timestamp("2026-10-05T08:00:00Z")
    row |= {"grid_code": ground.grids["grid_code"].iloc[0], "reported_at": at, "rating": ""}
    frame = pd.DataFrame([row] * 3)
    times = ["reported_at", "closed_at", "due_at"]
    frame[times] = frame[times].apply(lambda column: pd.to_datetime(column, utc=True))
    period = Period(date(2026, 10, 1), date(2026, 10, 31), Calendar())
    return summarise(frame, ground, period, datetime(2026, 11, 1, tzinfo=UTC), level)


def test_the_report_has_a_row_for_each_grid_and_is_the_same_each_time(ground: Ground, tmp_path: Path) -> None:
    summaries = counted(ground, "all"), counted(ground, "grid")
    for name in ("1.pdf", "2.pdf"):
        pages = write_briefing(tmp_path / name, *summaries, ground.grids, made_on=date(2026, 11, 1))
        assert pages == 3, "an overview, and fifty rows on two pages"
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_classes_part_the_counts_and_nothing_is_a_class_of_its_own() -> None:
    assert classes([0, 0, 0]) == [0]
    assert classes([0, 5]) == [0]
    assert classes([0, 1, 2, 3, 4, 50]) == [0, 2, 3, 4]
