"""GCJ-02 and BD-09: the published example, and the way back that is exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridplan.datum import Datum, from_wgs84, to_wgs84

METRES_PER_DEGREE = 111_320.0
# The example of Amap's and Baidu's conversion services for 116.481499 E, 39.990475 N, to the digits they print.
PUBLISHED: dict[Datum, tuple[float, float]] = {
    "gcj02": (116.487585177952, 39.991754014757),
    "bd09": (116.49412, 39.997716),
}


@pytest.mark.parametrize("datum", PUBLISHED)
def test_published_point_is_met_within_half_a_metre(datum: Datum) -> None:
    lon, lat = from_wgs84(np.array([116.481499]), np.array([39.990475]), datum)
    off_deg = np.hypot(lon - PUBLISHED[datum][0], lat - PUBLISHED[datum][1])[0]
    assert off_deg * METRES_PER_DEGREE < 0.5


@given(
    lon=st.floats(73.0, 137.0),
    lat=st.floats(1.5, 55.0),
    datum=st.sampled_from(("gcj02", "bd09", "wgs84", "cgcs2000")),
)
def test_there_and_back_is_exact_to_a_micrometre(lon: float, lat: float, datum: Datum) -> None:
    there = from_wgs84(np.array([lon]), np.array([lat]), datum)
    back = to_wgs84(*there, datum)
    off_deg = np.hypot(back[0][0] - lon, back[1][0] - lat)
    assert off_deg * METRES_PER_DEGREE < 1e-6


def test_arrays_give_the_same_as_single_points() -> None:
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(75, 135, 200), rng.uniform(5, 53, 200)
    together = np.column_stack(to_wgs84(lon, lat, "bd09"))
    apart = [np.concatenate(to_wgs84(lon[at : at + 1], lat[at : at + 1], "bd09")) for at in range(200)]
    np.testing.assert_allclose(together, apart, rtol=0, atol=1e-11)


def test_nothing_is_shifted_outside_china_by_gcj02() -> None:
    lon, lat = np.array([-71.1, 2.35]), np.array([42.4, 48.85])
    assert (np.array(from_wgs84(lon, lat, "gcj02")) == np.array([lon, lat])).all()


def test_no_points_are_no_points() -> None:
    lon, lat = to_wgs84(np.empty(0), np.empty(0), "bd09")
    assert lon.shape == lat.shape == (0,)
