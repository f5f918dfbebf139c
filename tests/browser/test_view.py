"""What a person sees and does on the map: sign in, colours, search, card, matters, time, comparison."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from matters import DAYS, matters
from served import OUR_COMMUNITIES, our_plan
from visiting import Served, Visit

from gridplan.diff import diff_plans

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
MIDDLE = """() => {
    const canvas = document.querySelector("#map canvas.sheet");
    const [x, y] = [canvas.width / 2, canvas.height / 2 - 24];
    return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
}"""


def number(page: Any, selector: str) -> int:
    return int(re.sub(r"\D", "", page.inner_text(selector)))


def rows(page: Any, selector: str) -> dict[str, str]:
    """Return a list of terms as a table."""
    names, values = (page.locator(f"{selector} {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def colours(page: Any) -> list[str]:
    return page.eval_on_selector_all("#legend .swatch", "all => all.map((one) => one.style.backgroundColor)")


def test_a_key_opens_the_map_and_another_does_not(standing: Served, visit: Visiting) -> None:
    page = visit(standing).page
    page.goto(standing.url)
    page.fill("#key", "gp_0000000000_wrong")
    page.press("#key", "Enter")
    page.wait_for_selector("text=密钥无效")
    page = visit(standing).enter("viewer")
    assert f"{len(our_plan().grids)} 个网格" in page.inner_text(".brand p")
    assert page.locator("#button-redraw").count() == 0, "a viewer redraws nothing"
    assert page.evaluate("Object.keys(localStorage).join() + document.cookie") == "", "the key stays in this tab"
    page.click("#button-leave")
    page.wait_for_selector("#key")
    assert page.evaluate("sessionStorage.length") == 0


def test_nothing_of_another_district_is_shown(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter("admin", OUR_COMMUNITIES[0])
    mine = our_plan().grids["community_code"] == OUR_COMMUNITIES[0]
    page.click("#button-list")
    assert page.locator(".grid-table tbody tr").count() == mine.sum()
    page.fill("#search-input", "230717")
    page.wait_for_selector("#hits li")
    assert "230717005001" not in page.content()


def test_colours_follow_the_measure_and_the_classes(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter()
    grids = our_plan().grids
    for measure, method in (("households", "band"), ("work", "quantile"), ("work", "equal"), ("received", "quantile")):
        page.wait_for_selector(f"[name=measure] option[value={measure}]", state="attached")
        page.select_option("[name=measure]", measure)
        page.select_option("[name=method]", method)
        counts = [int(text) for text in page.locator("#legend .step b").all_inner_texts()]
        assert sum(counts) == len(grids), (measure, method)
        assert len(set(colours(page))) == len(colours(page))
    page.select_option("[name=measure]", "households")
    page.select_option("[name=method]", "band")
    page.fill("#search-input", grids["grid_code"][0])
    page.press("#search-input", "Enter")
    page.wait_for_selector("#card:not([hidden])")
    page.uncheck("[name=layer-labels]")
    page.wait_for_timeout(300)
    drawn = f"rgb({', '.join(map(str, page.evaluate(MIDDLE)))})"
    assert drawn in colours(page), "the grid in the middle has a colour of the legend"


def test_search_flies_to_a_grid_and_shows_its_card(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter("viewer")  # the card of others grows once it knows the worker
    row = our_plan().grids.iloc[1]
    page.keyboard.press("/")
    page.keyboard.type(row["grid_code"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card = rows(page, "#card dl:first-of-type")
    assert (card["户数"], card["楼栋数"]) == (str(row["households"]), str(row["units"]))
    assert row["grid_code"] in page.inner_text("#live")
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")


def test_an_address_flies_or_asks_what_decides(standing: Served, visit: Visiting) -> None:
    page = visit(standing, lang="en-GB").enter()
    page.fill("#search-input", "龙方路3号永乐家园3号楼")
    page.press("#search-input", "Enter")
    page.wait_for_selector("#card:not([hidden])")
    page.keyboard.press("Escape")
    page.fill("#search-input", "永乐家园")
    page.press("#search-input", "Enter")
    page.wait_for_selector("#hits .question")
    assert page.inner_text("#hits .question").startswith("Please ask for")
    assert page.locator("#hits button").count() > 1
    page.click("#hits button >> nth=0")
    page.wait_for_selector("#card:not([hidden])")


def test_filters_and_time_count_what_the_records_say(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter("dispatcher")
    now = standing.clock.now
    known = matters(our_plan(), "", now)
    page.click("#button-incidents")
    page.wait_for_selector("#n-incidents")
    recent = [one for one in known if one["reported_at"].date() > now.date() - timedelta(days=30)]
    assert number(page, "#n-incidents") == len(recent)
    page.select_option("[name=category]", "noise")
    noise = [one for one in recent if one["category"] == "noise"]
    assert number(page, "#n-incidents") == len(noise)
    page.select_option("[name=status]", "open")
    assert number(page, "#n-incidents") == sum(one["closed_at"] is None for one in noise)
    page.select_option("[name=status]", "late")
    late = [one for one in noise if (one["closed_at"] or now) > one["due_at"]]
    assert number(page, "#n-incidents") == len(late)
    page.select_option("[name=status]", "")
    page.select_option("[name=category]", "")
    page.focus("[name=slide-from]")
    page.keyboard.press("Home")
    assert number(page, "#n-incidents") == len(known)
    page.focus("[name=slide-to]")
    page.keyboard.press("ArrowLeft")
    assert number(page, "#n-incidents") == len(known) - len(our_plan().grids)
    assert page.get_attribute("[name=slide-to]", "aria-valuetext") == str(now.date() - timedelta(days=1))


def test_a_card_has_rates_with_what_they_are_made_of(standing: Served, visit: Visiting) -> None:
    page = visit(standing, lang="en-GB").enter()
    now, code = standing.clock.now, our_plan().grids["grid_code"][0]
    page.fill("#search-input", code)
    page.press("#search-input", "Enter")
    page.wait_for_selector("#card .trend")
    mine = [one for one in matters(our_plan(), "", now) if one["grid_code"] == code][: DAYS // 2]
    closed = sum(one["closed_at"] is not None for one in mine)
    card = rows(page, "#card dl:nth-of-type(2)")
    assert card["Incidents received"] == str(len(mine))
    assert card["Closure rate"].endswith(f"({closed}/{len(mine)})")
    assert card["Change on the period before"] == f"0 ({len(mine)} → {len(mine)})"
    page.click("#button-incidents")
    page.fill("[name=from]", (now.date() - timedelta(days=DAYS - 2)).isoformat())
    page.press("[name=from]", "Tab")
    assert rows(page, "#card dl:nth-of-type(2)")["Change on the period before"] == "no records of it"


@pytest.mark.parametrize(("role", "words"), [("viewer", "所属网格的中心"), ("dispatcher", "登记位置")])
def test_clusters_and_heat_are_drawn(standing: Served, visit: Visiting, role: str, words: str) -> None:
    page = visit(standing).enter(role)
    page.click("#button-incidents")
    page.wait_for_selector("[data-name=spots-clusters]")
    assert words in page.inner_text("#tab-incidents")
    taken = []
    for name in ("off", "clusters", "heat"):
        page.click(f"[data-name=spots-{name}]")
        page.wait_for_timeout(200)
        taken.append(page.locator("#map").screenshot())
    assert len(set(taken)) == len(taken)


def test_two_plans_stand_side_by_side_and_move_together(fresh: Served, visit: Visiting) -> None:
    codes = our_plan().grids["grid_code"].tolist()
    store, draft = fresh.store, fresh.draft
    edited = store.load(draft).merge(codes[0], codes[1], author="李娜", force=True)
    store.save_edits(draft, edited)
    moved = diff_plans(store.load(fresh.ours), edited).households_moved
    page = visit(fresh).enter()
    page.click("#button-compare")
    page.select_option("[name=compare]", draft)
    page.wait_for_selector("#n-moved")
    assert number(page, "#n-moved") == moved > 0
    pairs = page.locator(".pairs tbody tr")
    assert {codes[0], codes[1]} <= set(re.findall(r"\d{15}", " ".join(pairs.all_inner_texts())))
    places = "(name) => document.querySelector(`${name} canvas.sheet`).toDataURL().length > 5000"
    assert [page.evaluate(places, name) for name in ("#map", "#other-map")] == [True, True]
    page.click("#button-map")
    assert page.is_hidden("#other-map")


def test_barriers_and_the_grids_before_are_layers(standing: Served, visit: Visiting) -> None:
    page = visit(standing).enter("viewer")
    with page.expect_response(re.compile("/v1/viewer/lines")) as found:
        page.check("[name=layer-barriers]")
    assert found.value.ok


@pytest.mark.parametrize(("role", "told"), [("viewer", False), ("dispatcher", True)])
def test_the_card_names_who_answers_to_those_who_may_know(
    standing: Served, visit: Visiting, role: str, told: bool
) -> None:
    page = visit(standing).enter(role)
    page.click("#button-list")
    for code, worker in zip(our_plan().grids["grid_code"][:2], ("<b>陈静</b>", "空缺"), strict=True):
        with page.expect_response("**/workers") if told and worker != "空缺" else nullcontext():
            page.click(f"[data-name='{code}']")
        page.wait_for_selector(f"#card >> text={worker}") if told else page.wait_for_selector(f"#card >> text={code}")
        card = page.inner_text("#card")
        assert [name in card for name in (worker, "1390000")] == [told, False]
        assert ("周洋" in card) == (told and worker != "空缺")
