"""Grids by any measure, and incidents, on pages of their own: classes hold what they say, pages load nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

import maps
from maps.choropleth import classes
from maps.payload import MapInputError


@dataclass(frozen=True)
class Drawn:
    """What the pages read of a plan."""

    grids: Any
    units: Any
    violations: Any
    report: Any
    communities: Any
    name: str = "试点"


@pytest.fixture(scope="module")
def drawn(plan: Any, plan_report: Any) -> Drawn:
    return Drawn(plan.grids, plan.units, plan.violations, plan_report, plan.communities.drop(columns="geometry"))


@pytest.mark.parametrize("method", ["quantile", "equal"])
def test_each_value_lies_in_its_class(method: Any) -> None:
    values = np.random.default_rng(3).gamma(2.0, 50.0, 200)
    values[::17] = np.nan
    scale = classes(values, method)
    assert sum(step.count for step in scale.steps) == len(values)
    for value, place in zip(values, scale.step_of, strict=True):
        step = scale.steps[place]
        assert np.isnan(value) == (step.key == "empty")
        if step.low is not None:
            assert step.low * 0.99 - 0.1 <= value <= step.high * 1.01 + 0.1


def test_equal_values_are_one_class_and_none_are_refused() -> None:
    assert [step.count for step in classes(np.full(9, 4.0), "quantile").steps] == [9, 0]
    with pytest.raises(MapInputError, match="values"):
        classes(np.full(3, np.nan), "equal")


def test_a_measure_colours_the_page(drawn: Drawn, visit: Any) -> None:
    rates = pd.Series(np.linspace(0, 1, len(drawn.grids)), index=drawn.grids["grid_code"])
    measure = maps.Measure(rates, "办结率<b>", "Closure rate", percent=True)
    seen = visit(maps.choropleth_page(drawn, measure, title="<i>"))
    assert seen.page.inner_text("#legend h2 span >> nth=0").endswith("办结率<b> (%)")
    counts = [int(text) for text in seen.page.locator("#legend .count").all_inner_texts()]
    assert sum(counts) == len(drawn.grids)
    assert (seen.asked, seen.errors) == ([], [])


def test_incidents_are_counted_by_the_slider(drawn: Drawn, visit: Any) -> None:
    at = drawn.grids.geometry.representative_point().to_crs(4326)
    frame = pd.DataFrame({
        "reported_at": pd.date_range("2026-10-01", periods=len(at), freq="12h", tz="Asia/Shanghai"),
        "lon": at.x, "lat": at.y, "grid_code": drawn.grids["grid_code"],
    })  # fmt: skip
    seen = visit(maps.incidents_page(drawn, frame))
    page = seen.page
    assert page.inner_text("#spots-told").endswith(f": {len(at)}")
    page.focus(".slide [name=from]")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#spots-told").endswith(f": {len(at) - 2}")
    before = page.evaluate("document.querySelector('#spots').toDataURL()")
    page.click("text=热力")
    assert page.evaluate("document.querySelector('#spots').toDataURL()") != before
    assert (seen.asked, seen.errors) == ([], [])
    assert not re.search(r"<script[^>]*\ssrc=", maps.incidents(drawn, frame).page)
    assert maps.incidents(drawn, frame)._repr_html_().startswith("<iframe srcdoc=")


def test_incidents_without_places_are_refused(drawn: Drawn) -> None:
    frame = pd.DataFrame({"reported_at": [pd.Timestamp("2026-10-01", tz="UTC")], "lon": [np.nan], "lat": [np.nan]})
    with pytest.raises(MapInputError, match="grid_code"):
        maps.incidents_page(drawn, frame)
    with pytest.raises(MapInputError, match="at least one"):
        maps.incidents_page(drawn, frame.assign(grid_code="x"))
