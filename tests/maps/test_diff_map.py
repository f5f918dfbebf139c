"""The map of a difference and the views of a notebook: offline, true to the difference, no name runs."""

from __future__ import annotations

import html
import json
import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# Districts drawn by hand, as the tests of planning draw them.
sys.path.insert(0, str(ROOT / "tests" / "gridplan"))

from drawn import A, box, district, houses, plan  # noqa: E402

from gridplan import views  # noqa: E402
from gridplan.diff import PlanDiff  # noqa: E402
from gridplan.plan import Plan  # noqa: E402
from maps import diff_page, diff_view, effects_view, grid_view, plan_view  # noqa: E402
from maps.diff_map import CHANGE_COLOURS, diff_payload  # noqa: E402

EVIL = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def before() -> Plan:
    """Return eight houses of 100 in a row, two grids."""
    return plan(district(houses(8, 1), 100, box(0, 0, 800, 100)))


@pytest.fixture(scope="module")
def diff(before: Plan) -> PlanDiff:
    """Return the difference after one house has moved."""
    return before.compare(before.rename(A + "001", EVIL).move("b4", to=A + "001"))


def test_each_grid_has_the_colour_of_what_became_of_it(diff: PlanDiff) -> None:
    payload = diff_payload(diff)
    assert list(payload["scales"]) == ["change", "households", "work"], "the page opens with the first"
    steps, step_of = payload["scales"]["change"]["steps"], payload["scales"]["change"]["stepOf"]
    keys = [steps[place]["key"] for place in step_of]
    assert keys == [diff.change_of_grid[row["grid_code"]] for row in payload["grids"]] == ["changed", "changed"]
    assert {step["colour"] for step in steps} == set(CHANGE_COLOURS.values())
    was = {row["grid_code"]: row["was"] for row in payload["grids"]}
    assert was[A + "001"] == f"{A}001 (400), {A}002 (100)"
    assert len(payload["moved"]) == 1
    assert payload["before"]


def test_the_page_loads_nothing_and_runs_no_name(diff: PlanDiff) -> None:
    page = diff_page(diff, title=EVIL)
    assert EVIL not in page
    assert page == diff_page(diff, title=EVIL)


@pytest.mark.browser
def test_it_opens_with_the_changes(diff: PlanDiff, visit: Any, tmp_path: Path) -> None:
    seen = visit(diff_page(diff, title="甲 → 乙"))
    assert (seen.asked, seen.errors) == ([], [])
    assert seen.page.locator("#legend .stroke-moved").count() == 1
    assert "调整" in seen.page.locator("#legend").inner_text()
    seen.page.locator("input[name=layer-before]").uncheck()
    assert seen.page.evaluate("gridplanMap.map.hasLayer(gridplanMap.layers.before)") is False


def test_a_notebook_shows_frames_that_cannot_touch_it(before: Plan, diff: PlanDiff) -> None:
    for view in (plan_view(before), diff_view(diff), grid_view(before.grid(A + "002"))):
        assert view.count("<iframe") == 1
        assert "allow-same-origin" not in view
        inner = html.unescape(re.search(r'srcdoc="([^"]*)"', view)[1])  # type: ignore[index]
        data = json.loads(re.search(r'id="plan-data">(.*?)</script>', inner, re.DOTALL)[1])  # type: ignore[index]
        assert data["grids"]
    assert f'"selected":"{A}002"' in html.unescape(grid_view(before.grid(A + "002")))
    last = diff.new.edits[0]
    assert "<img" not in effects_view(last.effects)


def test_views_are_found_by_entry_points_and_text_stands_in(before: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    points = declared["project"]["entry-points"][views.GROUP]
    assert set(points) == {"plan", "grid", "diff", "effects"}
    for place in points.values():
        module, _, name = place.partition(":")
        assert callable(getattr(import_module(module), name))
    monkeypatch.setattr(views, "_drawer", lambda name: None)
    assert "<iframe" in str(before._repr_html_()), "maps has named itself"
    monkeypatch.setattr(views, "_REGISTERED", {})
    assert before._repr_html_() is None
    monkeypatch.setattr(views, "_drawer", lambda name: lambda thing: f"<b>{name}</b>")
    assert (before._repr_html_(), before.grid(A + "001")._repr_html_()) == ("<b>plan</b>", "<b>grid</b>")
