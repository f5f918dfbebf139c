"""The page as a reader uses it, in a browser that has no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from gridplan.errors import RulesError
from maps import plan_page
from maps.scales import ABOVE

pytestmark = pytest.mark.browser

# Draws a page in a process of its own, which can be put where there is no network at all.
ALONE = """
import sys
from playwright.sync_api import sync_playwright
url, chromium, *flags = sys.argv[1:]
with sync_playwright() as playwright:
    page = playwright.chromium.launch(executable_path=chromium, args=flags).new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector("body[data-ready=yes]")
    assert not errors, errors
    print(page.evaluate("gridplanMap.data.grids.length"))
"""


@pytest.fixture(scope="session")
def page_text(plan, plan_report) -> str:
    return plan_page(
        plan.grids,
        plan.units,
        plan.violations,
        barriers=plan.barriers,
        communities=plan.communities,
        report=plan_report,
        title="上城区",
    )


def colour_at_grid(page, code: str) -> list[int]:
    """Colour of the canvas pixel a little beside the middle of a grid."""
    return page.evaluate(
        """(code) => {
            const app = gridplanMap;
            const grid = app.gridByCode.get(code);
            const [lon, lat] = grid.place;
            const point = app.map.latLngToLayerPoint([lat, lon]).add([0, 9]);
            const canvas = document.querySelector(".leaflet-grids-pane canvas");
            const renderer = grid.polygon._renderer;
            const at = point.subtract(renderer._bounds.min).multiplyBy(canvas.width / renderer._bounds.getSize().x);
            return [...canvas.getContext("2d").getImageData(at.x, at.y, 1, 1).data];
        }""",
        code,
    )


def rgba(colour: str) -> list[int]:
    return [*(int(colour[i : i + 2], 16) for i in (1, 3, 5)), 255]


def settle(page) -> None:
    """Wait until the canvas has drawn what was asked of it."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_page_asks_for_nothing_and_draws_every_grid_in_its_colour(visit, page_text, plan):
    seen = visit(page_text)
    settle(seen.page)
    scale = seen.page.evaluate("gridplanMap.data.scales.households")
    for i, code in enumerate(plan.grids["grid_code"]):
        assert colour_at_grid(seen.page, code) == rgba(scale["steps"][scale["stepOf"][i]]["colour"]), code
    assert (seen.asked, seen.errors) == ([], [])


def test_page_opens_where_there_is_no_network(page_text, tmp_path):
    chromium, unshare = shutil.which("chromium"), shutil.which("unshare")
    cut_off = [unshare, "-n"] if os.geteuid() == 0 else [unshare, "-rn"]
    if not chromium or not unshare or subprocess.run([*cut_off, "true"], capture_output=True).returncode:
        pytest.skip("needs Chromium and the right to make a network namespace (unshare -n)")
    file = tmp_path / "plan.html"
    file.write_text(page_text, encoding="utf-8")
    command = [*cut_off, sys.executable, "-c", ALONE, file.as_uri(), chromium, "--no-sandbox", "--disable-gpu"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "100", done.stderr


def test_same_plan_same_page(plan, plan_report, page_text):
    again = plan_page(
        plan.grids,
        plan.units,
        plan.violations,
        barriers=plan.barriers,
        communities=plan.communities,
        report=plan_report,
        title="上城区",
    )
    assert again == page_text
    assert len(page_text.encode()) < 700_000


def test_colouring_switches_without_reload(visit, page_text, plan):
    seen = visit(page_text)
    code = plan.grids["grid_code"][20]
    settle(seen.page)
    before = colour_at_grid(seen.page, code)
    seen.page.click(".switch button:nth-child(2)")
    settle(seen.page)
    scale = seen.page.evaluate("gridplanMap.data.scales.work")
    assert colour_at_grid(seen.page, code) == rgba(scale["steps"][scale["stepOf"][20]]["colour"]) != before
    assert "工作量" in seen.page.inner_text("#legend h2")
    assert seen.errors == []


def test_language_switches_without_reload(visit, page_text):
    seen = visit(page_text)
    assert seen.page.inner_text("#foot").startswith("网格边界不作为行政区域划分依据。")
    assert "本图为合成数据" in seen.page.inner_text(".notices")
    seen.page.click("#button-other_language")
    assert "no basis for administrative division" in seen.page.inner_text("#foot")
    assert "Synthetic data" in seen.page.inner_text(".notices")
    assert seen.page.get_attribute("html", "lang") == "en"
    chinese = seen.page.evaluate(
        "[...document.querySelectorAll('.part h2, dt, .reason, .proof, .rule, .layer')]"
        ".map((node) => node.textContent).filter((text) => /[\\u4e00-\\u9fff]/.test(text))"
    )
    assert chinese == []


def test_violation_in_words_zooms_to_its_grid(visit, page_text, plan):
    seen = visit(page_text)
    first = seen.page.locator(".violations li").first
    text = first.inner_text()
    for part in ("户数", "实际 612", "限值 500", "单栋楼", "已证明无法避免", plan.grids["grid_code"][20]):
        assert part in text
    first.locator("button").click()
    inside = "gridplanMap.map.getBounds().contains(gridplanMap.state.selected.polygon.getBounds())"
    assert seen.page.evaluate(inside)
    assert seen.page.evaluate("gridplanMap.state.selected.grid_code") == plan.grids["grid_code"][20]
    assert seen.page.evaluate("gridplanMap.map.getZoom()") > 16
    assert "612" in seen.page.inner_text(".leaflet-popup .card")
    assert first.evaluate("node => node.classList.contains('selected')")
    seen.page.locator(".violations button").nth(1).click()
    assert seen.page.locator(".leaflet-popup").count() == 1
    assert seen.page.evaluate("gridplanMap.map.hasLayer(gridplanMap.focus)")
    assert seen.page.evaluate("gridplanMap.state.selected.grid_code") == plan.grids["grid_code"][44]


@pytest.mark.parametrize("wanted", ["330106002009004", "东门小学"])
def test_search_by_code_or_name_finds_a_grid(visit, page_text, wanted):
    seen = visit(page_text)
    seen.page.fill("input[type=search]", wanted)
    assert seen.page.locator(".hits button").count() == 1
    seen.page.press("input[type=search]", "Enter")
    assert wanted in seen.page.inner_text(".leaflet-popup .card")
    seen.page.fill("input[type=search]", "没有这个网格")
    assert seen.page.inner_text(".hits") == "没有匹配的网格"


def test_hover_and_click_tell_of_the_grid_under_the_pointer(visit, page_text, plan):
    seen = visit(page_text)
    code = plan.grids["grid_code"][37]
    x, y = seen.page.evaluate(
        """(code) => {
            const [lon, lat] = gridplanMap.gridByCode.get(code).place;
            const point = gridplanMap.map.latLngToContainerPoint([lat, lon]);
            const box = gridplanMap.map.getContainer().getBoundingClientRect();
            return [box.left + point.x, box.top + point.y];
        }""",
        code,
    )
    seen.page.mouse.move(x - 3, y)
    seen.page.mouse.move(x, y)
    seen.page.wait_for_selector(".leaflet-tooltip")
    assert code in seen.page.inner_text(".leaflet-tooltip")
    seen.page.mouse.click(x, y)
    card = seen.page.inner_text(".leaflet-popup .card")
    for part in (code, "望江" if code.endswith("001001") else "社区", "基础网格", "月工作量（小时）", "公顷", "紧凑度"):
        assert part in card


def test_layers_can_be_switched_and_cells_begin_switched_off(visit, page_text):
    seen = visit(page_text)
    has = "(name) => gridplanMap.map.hasLayer(gridplanMap.layers[name])"
    assert not seen.page.evaluate(has, "cells")
    seen.page.check("input[name=layer-cells]")
    seen.page.uncheck("input[name=layer-barriers]")
    assert seen.page.evaluate(has, "cells")
    assert not seen.page.evaluate(has, "barriers")
    assert seen.page.locator(".grid-label").count() > 50
    seen.page.uncheck("input[name=layer-labels]")
    assert seen.page.locator(".grid-label").count() == 0


def test_paper_shows_the_whole_plan_in_sharp_lines_with_legend_and_notices(visit, page_text, plan):
    seen = visit(page_text)
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen.page.locator(".leaflet-grids-pane svg path").count() == len(plan.grids)
    assert not seen.page.is_visible(".leaflet-grids-pane canvas")
    assert seen.page.evaluate("gridplanMap.map.getBounds().contains(gridplanMap.data.bounds)")
    assert not seen.page.is_visible("#panel")
    assert not seen.page.is_visible("#head nav")
    assert seen.page.is_visible("#legend")
    assert "本图为合成数据" in seen.page.inner_text("#foot")
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    settle(seen.page)
    assert seen.page.is_visible("#panel")
    assert seen.page.locator(".leaflet-pane svg").count() == 0
    assert colour_at_grid(seen.page, plan.grids["grid_code"][20]) == rgba(ABOVE)
    assert (seen.asked, seen.errors) == ([], [])


def test_page_without_anything_optional(visit, plan):
    text = plan_page(
        plan.grids,
        plan.units,
        plan.violations.iloc[:0],
        barriers=None,
        communities=None,
        report={"band": {"minimum": 300, "target": 400, "maximum": 500}},
        title="",
        lang="en",
    )
    seen = visit(text, lang="en-GB", width=400, height=800)
    assert "Every grid keeps the rules." in seen.page.inner_text("#panel")
    assert "not stated by the source" in seen.page.inner_text(".facts")
    assert (seen.asked, seen.errors) == ([], [])


def test_other_languages_are_refused(plan, plan_report):
    with pytest.raises(RulesError, match="zh, en"):
        plan_page(
            plan.grids,
            plan.units,
            plan.violations,
            barriers=None,
            communities=None,
            report=plan_report,
            title="",
            lang="fr",
        )
