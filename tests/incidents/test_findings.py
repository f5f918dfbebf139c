"""What stands out: planted gatherings, rises and costs are found; where nothing was planted next to nothing is."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, nbinom, poisson
from shapely import box

from gridplan.errors import IncidentError
from gridplan.incidents.effort import fit_effort
from gridplan.incidents.hotspots import adjusted, hot_spots
from gridplan.incidents.rises import at_least, baseline, rises

SIDE = 12
CODES = [f"{column:02d}{row:02d}" for column in range(SIDE) for row in range(SIDE)]
GRIDS = gpd.GeoDataFrame(
    {"grid_code": CODES},
    geometry=[box(x * 200, y * 200, x * 200 + 200, y * 200 + 200) for x in range(SIDE) for y in range(SIDE)],
    crs="EPSG:32650",
)
PLANTED = [f"{column:02d}{row:02d}" for column in range(4, 7) for row in range(4, 7)]


def test_a_planted_gathering_is_found_and_nothing_far_from_it() -> None:
    rng = np.random.default_rng(1)
    counts = pd.Series(rng.poisson(6, len(CODES)), index=CODES)
    counts[PLANTED] += 9
    found = hot_spots(GRIDS, counts, seed=1)
    hot = set(found.index[found["spot"] == "hot"])
    assert {code for code in PLANTED if "05" in (code[:2], code[2:])} <= hot, "corners look out on quiet grids"
    assert all(3 <= int(code[:2]) <= 7 and 3 <= int(code[2:]) <= 7 for code in hot), "no farther than one grid around"
    assert set(found.index[found["moran_kind"] == "high-high"]) <= hot
    assert found.equals(hot_spots(GRIDS, counts, seed=1)), "the same seed, the same answer"
    empty = hot_spots(GRIDS, counts * 0, seed=1)
    assert (empty["spot"] == "").all()
    with pytest.raises(IncidentError, match="at least 8 grids"):
        hot_spots(GRIDS.head(4), counts, seed=1)


def test_where_nothing_gathers_hardly_anything_is_called() -> None:
    rng = np.random.default_rng(7)
    called = [
        (hot_spots(GRIDS, pd.Series(rng.poisson(6, len(CODES)), index=CODES), seed=trial)["spot"] != "").any()
        for trial in range(6)
    ]
    assert sum(called) <= 2, "of 6 maps without any gathering 0.3 are expected to show one"


def test_few_households_make_no_hot_spot() -> None:
    rng = np.random.default_rng(3)
    base = pd.Series(rng.integers(300, 500, len(CODES)), index=CODES)
    counts = pd.Series(rng.poisson(base / 100 * 3), index=CODES)
    base["0505"], counts["0505"] = 3, 2
    found = hot_spots(GRIDS, counts, seed=1, base=base)
    assert found.loc["0505", "spot"] == ""
    assert found.loc["0505", "value"] < 10, "2 calls of 3 households are no rate of 67 per 100"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_adjustment_is_that_of_benjamini_and_hochberg(p: list[float]) -> None:
    assert adjusted(np.array(p)) == pytest.approx(false_discovery_control(p))


@settings(max_examples=50, deadline=None)
@given(count=st.integers(0, 60), expected=st.floats(0.1, 40), spread=st.floats(0, 2))
def test_the_chance_is_that_of_the_distribution(count: int, expected: float, spread: float) -> None:
    if spread <= 1e-9:
        right = poisson.sf(count - 1, expected)
    else:
        right = nbinom.sf(count - 1, 1 / spread, 1 / (1 + spread * expected))
    assert at_least(count, expected, spread) == pytest.approx(float(right), abs=1e-9)


def year_of(series: dict[str, float], seed: int, days: int = 400) -> pd.DataFrame:
    """Return a year and more of matters, fewer at week-ends, more in summer."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-01", periods=days)
    shape = np.where(dates.day_of_week >= 5, 0.5, 1.1) * (
        1 + 0.6 * np.sin(2 * np.pi * (dates.day_of_year - 100) / 365.25)
    )
    rows = [
        (day + pd.Timedelta(hours=4), name)
        for name, rate in series.items()
        for day, mean in zip(dates, shape * rate, strict=True)
        for _ in range(rng.poisson(mean))
    ]
    frame = pd.DataFrame(rows, columns=["reported_at", "category"])
    return frame.assign(reported_at=frame["reported_at"].dt.tz_localize("UTC"))


def test_a_planted_rise_is_found_and_the_season_is_none() -> None:
    frame = year_of({"noise": 3.0, "snow": 2.0, "water": 5.0}, seed=2)
    first, last = date(2026, 1, 19), date(2026, 1, 25)
    begin = pd.Timestamp(first, tz="UTC")
    more = frame[(frame["category"] == "water") & (frame["reported_at"] >= begin - pd.Timedelta(days=7))]
    planted = more.assign(reported_at=begin + pd.to_timedelta(np.arange(len(more)) * 4 % 160, "h"))
    found = rises(pd.concat([frame, planted]), first, last, "category", "Asia/Shanghai")
    assert found.index[0] == "water"
    assert found["risen"].to_dict() == {"water": True, "noise": False, "snow": False}
    assert found.loc["water", "ratio"] > 1.5
    with pytest.raises(IncidentError, match="at least 56 days"):
        rises(frame, date(2025, 1, 10), date(2025, 1, 12), "category", "Asia/Shanghai")


def test_the_baseline_knows_weekdays_and_seasons() -> None:
    frame = year_of({"noise": 8.0}, seed=5, days=730)
    day = frame["reported_at"].dt.tz_localize(None).dt.normalize()
    dates = pd.date_range("2025-01-01", periods=700)
    counts = day.value_counts().reindex(dates, fill_value=0).to_numpy()
    asked = pd.date_range("2026-12-02", periods=7)
    usual = baseline(dates, counts, asked)
    true = (
        np.where(asked.day_of_week >= 5, 0.5, 1.1)
        * (1 + 0.6 * np.sin(2 * np.pi * (asked.day_of_year - 100) / 365.25))
        * 8
    )
    assert usual.expected == pytest.approx(true, rel=0.2)
    assert usual.spread < 0.05


@pytest.mark.real
def test_quiet_weeks_of_boston_raise_no_alarm() -> None:
    """Real 311 requests: over the weeks of autumn, categories are called in at most as many weeks as bursts explain."""
    file = Path(os.environ.get("GRIDPLAN_DATA", "../shared/data")) / "boston311/boston_311_2015_allston_brighton.csv.gz"
    if not file.is_file():
        pytest.skip(f"no real data at {file.parent} (GRIDPLAN_DATA)")
    rows = pd.read_csv(file, usecols=["open_dt", "reason"])
    frame = pd.DataFrame(
        {
            "reported_at": pd.to_datetime(rows["open_dt"])
            .dt.tz_localize("America/New_York", ambiguous=False)
            .dt.tz_convert("UTC"),
            "category": rows["reason"],
        }
    )
    common = frame["category"].value_counts().head(5).index
    frame = frame[frame["category"].isin(common)]
    called, looked = 0, 0
    for week in pd.date_range("2015-10-12", "2015-12-14", freq="14D"):
        found = rises(frame, week.date(), (week + pd.Timedelta(days=6)).date(), "category", "America/New_York")
        called, looked = called + int(found["risen"].sum()), looked + len(found)
    assert looked == 25
    assert called <= 3
    burst = frame[frame["category"] == common[0]].tail(300)
    begin = pd.Timestamp("2015-11-09T15:00Z")
    planted = burst.assign(reported_at=begin + pd.to_timedelta(np.arange(300) % 100, "h"))
    found = rises(pd.concat([frame, planted]), date(2015, 11, 9), date(2015, 11, 15), "category", "America/New_York")
    assert found.index[0] == common[0]
    assert bool(found["risen"].iloc[0])


def test_what_grids_cost_is_learned_and_what_cannot_be_is_said() -> None:
    rng = np.random.default_rng(11)
    grids = pd.DataFrame({"grid_code": CODES, "households": rng.integers(150, 900, len(CODES)), "area_m2": 40_000.0})
    true = grids["households"] / 400 * 12
    counts = rng.poisson(true)
    rows = pd.DataFrame({"grid_code": np.repeat(CODES, counts), "category": "noise", "minutes": np.nan})
    rows.loc[::3, "minutes"] = 45.0
    rows.loc[::2, "category"] = "water"
    found = fit_effort(grids, rows, months=3.0)
    assert found.usable
    assert found.explained > 0.5
    assert found.weights.index.tolist() == ["households"], "what is the same everywhere tells nothing"
    assert np.corrcoef(found.expected["incidents"], true)[0, 1] > 0.99
    assert found.expected["incidents"].sum() == pytest.approx(counts.sum() / 3, rel=0.01)
    assert found.minutes.to_dict() == pytest.approx({"noise": 45, "water": 45})
    blind = fit_effort(grids, rows.assign(grid_code=rng.choice(CODES, len(rows)), minutes=np.nan), months=3.0)
    assert not blind.usable, f"nothing to learn, yet {blind.explained:.3f} explained"
    with pytest.raises(IncidentError, match="at least 20 grids"):
        fit_effort(grids.head(5), rows, months=3.0)
