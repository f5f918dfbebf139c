"""Numbers by grid: counted by hand, at every level, restated to the last one; and rates that chance explains."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from ground_of_squares import EAST, HANDLING, SIDE, WEST, X0, Y0, ground, lonlat
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson
from shapely import box

from gridplan.errors import IncidentError
from gridplan.incidents.ground import Ground
from gridplan.incidents.rates import FUNNEL, density, share
from gridplan.incidents.restate import restate
from gridplan.incidents.summary import LEVELS, summarise
from gridplan.incidents.tables import COLUMNS, Period, framed

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), HANDLING.calendar)
AT = datetime(2026, 11, 2, 4, tzinfo=UTC)
BASE = ground()
GROUND = Ground(BASE.grids.assign(households=[400, 300, 500, 0]), BASE.communities)


def drawn(count: int, seed: int = 1) -> pd.DataFrame:
    """Return incidents of September and October, some open, late, rated, or without a grid."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0, 2 * SIDE, (count, 2))
    places = np.array([lonlat(x, y) for x, y in spots])
    codes = GROUND.index.locate_many(places[:, 0], places[:, 1]).grid_code
    codes[rng.random(count) < 0.05] = None
    begin = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=int(m)) for m in rng.integers(0, 61 * 24 * 60, count)]
    end = [
        at + timedelta(hours=int(h)) if h < 400 else None
        for at, h in zip(begin, rng.integers(1, 500, count), strict=True)
    ]
    due = [at + timedelta(hours=200) if d else None for at, d in zip(begin, rng.random(count) < 0.8, strict=True)]
    said = rng.choice([1.0, 0.0, np.nan], count, p=[0.1, 0.1, 0.8])
    ratings = rng.choice(["", "satisfied", "basic", "unsatisfied"], count)
    rows = [
        (f"i{k}", "s", begin[k], end[k], due[k], said[k], ratings[k] if end[k] else "", "noise", "噪音", "general",
         "grid", None, *places[k], codes[k], "p")
        for k in range(count)
    ]  # fmt: skip
    assert len(rows[0]) == len(COLUMNS)
    return framed(rows)


def test_numbers_are_those_counted_by_hand() -> None:
    frame = drawn(400)
    found = summarise(frame, GROUND, OCTOBER, AT).frame
    for code in found.index:
        mine = [
            row
            for row in frame.itertuples()
            if row.grid_code == code and OCTOBER.start <= row.reported_at < OCTOBER.end
        ]
        closed = [row for row in mine if not pd.isna(row.closed_at) and row.closed_at <= AT]
        judged, met = 0, 0
        for row in mine:
            verdict = None if np.isnan(row.on_time) else bool(row.on_time)
            if verdict is None and not pd.isna(row.due_at):
                verdict = (
                    bool(row.closed_at <= row.due_at)
                    if not pd.isna(row.closed_at)
                    else (False if row.due_at < AT else None)
                )
            judged += verdict is not None
            met += verdict is True
        rated = [row for row in mine if row.rating]
        hours = sorted(
            (row.closed_at - row.reported_at).total_seconds() / 3600 for row in mine if not pd.isna(row.closed_at)
        )
        expected = [len(mine), len(closed), judged, met, len(rated), sum(row.rating != "unsatisfied" for row in rated)]
        assert found.loc[code, ["received", "closed", "due", "on_time", "rated", "satisfied"]].tolist() == expected
        assert found.loc[code, "hours"] == pytest.approx(float(np.median(hours)))
    assert found["per_100"].round(3).tolist()[:3] == [
        round(n / h * 100, 3) for n, h in zip(found["received"], [400, 300, 500], strict=False)
    ]
    assert np.isnan(found["per_100"].iloc[3]), "no households, no rate"


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_the_same_totals(level: str) -> None:
    frame = drawn(500)
    summary = summarise(frame, GROUND, OCTOBER, AT, level)  # type: ignore[arg-type]
    inside = OCTOBER.holds(frame["reported_at"])
    assert summary.frame["received"].sum() + summary.unplaced["received"] == inside.sum()
    assert summary.frame["households"].sum() == 1200
    before = OCTOBER.before().holds(frame["reported_at"]) & frame["grid_code"].notna().to_numpy()
    assert summary.frame["received_before"].sum() == before.sum()
    codes = {"grid": 4, "community": 2, "street": 1, "district": 1, "all": 1}
    assert len(summary.frame) == codes[level]
    plain = summary.to_dicts()[0]
    assert plain["closure"]["numerator"] == plain["closed"]
    assert plain["closure"]["denominator"] == plain["received"]


def test_a_period_without_incidents_and_a_grid_of_another_plan_are_harmless() -> None:
    empty = summarise(drawn(50), GROUND, Period(date(2020, 1, 1), date(2020, 1, 1), HANDLING.calendar), AT)
    assert empty.frame["received"].tolist() == [0] * 4
    assert empty.to_dicts()[0]["closure"] | {"flag": ""} == {
        "numerator": 0, "denominator": 0, "rate": None, "shrunk": None, "low": None, "high": None, "flag": "",
        "small": True,
    }  # fmt: skip
    frame = drawn(50).assign(grid_code="110101001009001")
    other = summarise(frame, GROUND, OCTOBER, AT)
    assert other.frame.loc["110101001009001", "received"] == OCTOBER.holds(frame["reported_at"]).sum()
    assert [row["in_force"] for row in other.to_dicts()] == [True] * 4 + [False]
    with pytest.raises(IncidentError, match="level: expected one of"):
        summarise(frame, GROUND, OCTOBER, AT, "galaxy")  # type: ignore[arg-type]
    with pytest.raises(IncidentError, match="not before the first"):
        Period(date(2026, 2, 2), date(2026, 2, 1), HANDLING.calendar)


def test_one_matter_closed_moves_the_closure_rate_by_one() -> None:
    frame = drawn(200)
    before = summarise(frame, GROUND, OCTOBER, AT).frame
    row = next(
        k
        for k in frame.index
        if pd.isna(frame["closed_at"][k]) and frame["grid_code"][k] and OCTOBER.holds(frame["reported_at"])[k]
    )
    frame.loc[row, "closed_at"] = pd.Timestamp(AT)
    after = summarise(frame, GROUND, OCTOBER, AT).frame
    moved = after["closed"] - before["closed"]
    assert moved[frame["grid_code"][row]] == moved.sum() == 1
    assert (after["received"] == before["received"]).all()


def test_the_days_of_a_period_are_local_and_summer_time_counts() -> None:
    from gridplan.incidents.calendar import Calendar

    boston = Period(date(2015, 11, 1), date(2015, 11, 1), Calendar("America/New_York"))
    assert (boston.end - boston.start) == timedelta(hours=25)
    moments = pd.Series(
        pd.to_datetime(["2015-11-01T03:59Z", "2015-11-01T04:00Z", "2015-11-02T04:59Z", "2015-11-02T05:00Z"], utc=True)
    )
    assert boston.holds(moments).tolist() == [False, True, True, False]


def halves() -> tuple[Ground, pd.DataFrame]:
    """Return another plan: the two southern grids joined, the north-western one split, the north-eastern kept."""
    shapes = {
        f"{WEST}001": box(X0, Y0, X0 + 2 * SIDE, Y0 + SIDE),
        f"{WEST}003": box(X0, Y0 + SIDE, X0 + SIDE / 2, Y0 + 2 * SIDE),
        f"{WEST}004": box(X0 + SIDE / 2, Y0 + SIDE, X0 + SIDE, Y0 + 2 * SIDE),
        f"{EAST}002": box(X0 + SIDE, Y0 + SIDE, X0 + 2 * SIDE, Y0 + 2 * SIDE),
    }
    frame = gpd.GeoDataFrame(
        {"grid_code": list(shapes), "community_code": [code[:12] for code in shapes]},
        geometry=list(shapes.values()),
        crs=BASE.grids.crs,
    )
    pairs = [(f"{WEST}001", f"{WEST}001"), (f"{EAST}001", f"{WEST}001"), (f"{WEST}002", f"{WEST}003"),
             (f"{WEST}002", f"{WEST}004"), (f"{EAST}002", f"{EAST}002")]  # fmt: skip
    return Ground(frame), pd.DataFrame(pairs, columns=["old_code", "new_code"])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), blind=st.floats(0, 1))
def test_restating_counts_each_incident_once(seed: int, blind: float) -> None:
    frame = drawn(120, seed)
    hidden = np.random.default_rng(seed).random(len(frame)) < blind
    frame.loc[hidden, ["lon", "lat"]] = np.nan
    other, lineage = halves()
    found = restate(frame, other, lineage)
    assert found.total == len(frame) == len(found.frame)
    counted = found.frame["grid_code"].value_counts()
    assert counted.sum() == found.by_point + found.by_code
    south = frame["grid_code"].isin([f"{WEST}001", f"{EAST}001"]).sum()
    assert counted.get(f"{WEST}001", 0) == south, "joined grids: all of both, with or without a place"
    assert found.split == (hidden & (frame["grid_code"] == f"{WEST}002")).sum()
    assert found.outside == frame["grid_code"].isna().sum()
    assert found.frame.drop(columns="grid_code").equals(frame.drop(columns="grid_code"))


def test_restating_on_the_same_plan_changes_nothing() -> None:
    frame = drawn(300)
    assert restate(frame, GROUND).frame["grid_code"].fillna("").tolist() == frame["grid_code"].fillna("").tolist()


def test_chance_alone_flags_next_to_nothing_and_a_true_difference_is_flagged() -> None:
    rng = np.random.default_rng(4)
    of = rng.integers(5, 300, 3000)
    met = rng.binomial(of, 0.9)
    flags = share(met, of)["flag"]
    assert (flags != "within").mean() < 3 * FUNNEL
    met[0], of[0] = 120, 200
    found = share(met, of)
    assert found["flag"].iloc[0] == "below"
    assert found["rate"].iloc[0] < found["shrunk"].iloc[0] < 0.9
    base = rng.integers(100, 600, 3000)
    count = rng.poisson(base / 100 * 6)
    assert (density(count, base, 100)["flag"] != "within").mean() < 3 * FUNNEL


def test_shrinking_brings_rates_nearer_to_the_truth_than_counting() -> None:
    rng = np.random.default_rng(9)
    truth, of = rng.beta(8, 2, 800), rng.integers(1, 60, 800)
    found = share(rng.binomial(of, truth), of)
    errors = [float(((found[name] - truth) ** 2).mean()) for name in ("rate", "shrunk")]
    assert errors[1] < 0.7 * errors[0]
    rates, base = rng.gamma(4, 1.5, 800), rng.integers(30, 900, 800)
    counted = density(rng.poisson(rates * base / 100), base, 100)
    errors = [float(((counted[name] - rates) ** 2).mean()) for name in ("rate", "shrunk")]
    assert errors[1] < errors[0]


def test_the_limits_are_those_of_the_distributions() -> None:
    met, of = np.array([50, 450]), np.array([100, 500])
    found = share(met, of)
    whole = 500 / 600
    low, high = binom.ppf([FUNNEL / 2, 1 - FUNNEL / 2], 100, whole) / 100
    assert abs(found["low"].iloc[0] - low) < 0.02
    assert abs(found["high"].iloc[0] - high) < 0.02
    dense = density(np.array([10, 90]), np.array([1000, 1000]), 100)
    low, high = poisson.ppf([FUNNEL / 2, 1 - FUNNEL / 2], 50) / 10
    assert abs(dense["low"].iloc[0] - low) < 0.15
    assert abs(dense["high"].iloc[0] - high) < 0.15
