"""Everybody can use it: by keyboard alone, on a phone, in both languages, on paper; and no name does harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from matters import matters
from served import our_plan
from visiting import READY, Served, Visit

from gridplan.store.incident_tables import incidents

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
VIEWER = Path(__file__).parents[2] / "maps" / "static" / "viewer"
HOSTILE = [
    "<img src=x onerror=window.__x=1>",
    "</script><script>window.__x=1</script>",
    "${window.__x=1}",
    "\"><svg onload=window.__x=1>",
    "javascript:window.__x=1",
]  # fmt: skip
FOCUSED = """() => {
    const node = document.activeElement, style = getComputedStyle(node);
    return [node.id || node.name || node.dataset.name || node.textContent, parseFloat(style.outlineWidth) > 0];
}"""
REACHABLE = """() => [...document.querySelectorAll("button, input, select, a[href]")]
    .filter((node) => node.offsetParent && !node.disabled && node.tabIndex >= 0)
    .map((node) => node.id || node.name || node.dataset.name || node.textContent)"""


def test_all_is_reached_and_seen_by_keyboard_alone(standing: Served, visit: Visiting) -> None:
    page = visit(standing).page
    secret = standing.key("planner", "230718")
    page.goto(standing.url)
    page.wait_for_selector("#key:focus")
    page.keyboard.type(secret)
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    page.wait_for_selector("[name=measure] option[value=received]", state="attached")
    wanted, seen = set(page.evaluate(REACHABLE)), set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(FOCUSED)
        assert outlined or name in {"", None} or page.evaluate("document.activeElement === document.body"), name
        seen.add(name)
    assert wanted <= seen, wanted - seen
    page.focus("#button-map")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.focus(f"[data-name='{our_plan().grids['grid_code'][0]}']")
    page.keyboard.press("Enter")
    assert page.is_visible("#card")
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")


def test_it_fits_a_phone(standing: Served, visit: Visiting) -> None:
    page = visit(standing, width=390, height=844).enter()
    assert page.locator("#map").bounding_box()["height"] > 500, "the map goes first"
    for tab in ("map", "incidents", "list", "compare", "redraw"):
        page.click(f"#button-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
        heights = "(all) => all.filter((one) => one.offsetParent).map((one) => one.offsetHeight)"
        assert min(page.eval_on_selector_all("#panel button, #panel select", heights)) >= 30, "fingers need room"
    page.click("#button-panel")
    page.fill("#search-input", our_plan().grids["grid_code"][0])
    page.press("#search-input", "Enter")
    card = page.locator("#card").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 390
    page.click("#card .close", timeout=5_000)  # nothing lies upon it
    assert not page.is_visible("#card")


def test_one_catalogue_speaks_both_languages(standing: Served, visit: Visiting) -> None:
    words = json.loads((VIEWER / "words.json").read_text("utf-8"))
    flat = [(group, key, pair) for group, rows in words.items() for key, pair in rows.items()]
    assert [key for _, key, pair in flat if len(pair) != 2 or not all(pair)] == []
    holes = [key for _, key, (zh, en) in flat if set(re.findall(r"\{\w+\}", zh)) != set(re.findall(r"\{\w+\}", en))]
    assert holes == []
    code = "".join(path.read_text("utf-8") for path in VIEWER.rglob("*.js"))
    used = set(re.findall(r"""\bt\("(\w+)"[,)]""", code)) | set(re.findall(r"""\bact\("(\w+)",""", code))
    assert used <= set(words["viewer"]), used - set(words["viewer"])
    page = visit(standing, lang="en-GB").enter()
    chinese = re.compile("[\u4e00-\u9fff]")
    own = "header .tools, #tabs, #tab-map .part h2, #legend h2, #foot span:first-child"
    assert [text for text in page.locator(own).all_inner_texts() if chinese.search(text.replace("中文", ""))] == []
    page.click("#button-language")
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert all(chinese.search(text) for text in page.locator("#tabs [role=tab], #legend h2").all_inner_texts())


def test_paper_shows_the_map_and_what_it_means(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter()
    page.emulate_media(media="print")
    assert page.is_hidden("#panel")
    assert page.is_visible("#legend")
    assert page.is_visible("#foot")
    assert len(page.pdf(format="A3", landscape=True)) > 20_000


def test_names_that_are_scripts_are_only_names(fresh: Served, visit: Visiting) -> None:
    plan = our_plan()
    names = [HOSTILE[row % len(HOSTILE)] for row in range(len(plan.grids))]
    communities = plan.communities.assign(name=HOSTILE[: len(plan.communities)])
    worse = replace(plan, grids=plan.grids.assign(name=names), communities=communities)
    made = fresh.store.publish(worse, by=HOSTILE[0], name=HOSTILE[1], base=fresh.ours)
    said = [
        {**one, "incident_id": f"h{one['incident_id']}", "source": "h", "category": HOSTILE[0]}
        for one in matters(plan, made.plan_id, fresh.clock.now)
    ]
    with fresh.store.engine.begin() as connection:
        connection.execute(sa.insert(incidents), said)
    page = visit(fresh).enter("planner", name=HOSTILE[0])
    for tab in ("list", "compare", "redraw", "incidents"):
        page.click(f"#button-{tab}")
    page.wait_for_selector("[name=category]")
    page.click("[data-name=spots-clusters]")
    page.click("#button-list")
    page.fill("#search-input", plan.grids["grid_code"][0])
    page.press("#search-input", "Enter")
    page.wait_for_selector("#card:not([hidden])")
    assert page.inner_text("#card h2") == HOSTILE[0]
    assert HOSTILE[0] in page.inner_text("#card dd >> nth=0")
    assert page.evaluate("window.__x") is None
    assert page.locator("img[src=x], svg[onload]").count() == 0


def test_the_policy_lets_no_other_script_run(standing: Served, visit: Visiting) -> None:
    found = visit(standing)
    found.page.goto(standing.url)
    found.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.__x = 1";
        document.body.append(script);
    }""")
    assert found.page.evaluate("window.__x") is None
    assert any("Content Security Policy" in error for error in found.errors)
    found.errors.clear()
