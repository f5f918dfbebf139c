"""What the tests of the store share: a clock that stands still, and small plans."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from drawn import A, B, box, district, house, plan
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from gridplan.plan import Plan

AT = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@cache
def draw(seed: int = 3, *communities: str) -> Plan:
    """Plan two communities (or those named) of 24 random houses each, side by side."""
    codes = communities or (A, B)
    rng = np.random.default_rng(seed)
    ground = {code: box(400 * place, 0, 400 * place + 400, 300) for place, code in enumerate(codes)}
    shapes = [
        house(400 * place + x + rng.uniform(-9, 9), y + rng.uniform(-9, 9), 16)
        for place in range(len(codes))
        for x in range(33, 400, 66)
        for y in range(37, 300, 75)
    ]
    households = rng.integers(20, 60, len(shapes))
    return plan(district(shapes, households, ground, persons=list(households * 2.5)))


def assert_same(found: Plan, wanted: Plan) -> None:
    """Demand that two plans are the same in every field, type, coordinate and edit."""
    for item in fields(Plan):
        one, other = getattr(found, item.name), getattr(wanted, item.name)
        if isinstance(other, gpd.GeoDataFrame):
            assert_geodataframe_equal(one, other)
            whole = ~shapely.is_missing(other.geometry.to_numpy())
            assert shapely.equals_identical(one.geometry.to_numpy()[whole], other.geometry.to_numpy()[whole]).all()
            assert one.crs == other.crs
        elif isinstance(other, pd.DataFrame):
            assert_frame_equal(one, other, check_exact=True)
        elif item.name == "report":
            assert one == json.loads(json.dumps(other))
        else:
            assert one == other, item.name


def merged(plan: Plan, community: str, author: str = "李娜") -> Plan:
    """Merge the first two grids of a community, whatever rule breaks."""
    codes = plan.grids.loc[plan.grids["community_code"] == community, "grid_code"]
    return plan.merge(*codes.iloc[:2], author=author, reason="试并", force=True, at=AT)
