"""A planner redraws a draft: units given away, taken back, told of others' edits, published."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from served import our_plan
from visiting import Served, Visit

pytestmark = pytest.mark.browser
Visiting = Callable[..., Visit]
JOB_MS = 60_000


@pytest.fixture
def planner(fresh: Served, visit: Visiting) -> Any:
    """Return the page of a planner who has opened the draft."""
    return opened(fresh, visit)


def opened(fresh: Served, visit: Visiting) -> Any:
    page = visit(fresh).enter("planner", name="李娜")
    page.click("#button-redraw")
    page.click(f"[data-plan='{fresh.draft}']")
    page.wait_for_selector("[data-name=tool-click]")
    return page


def at_border(fresh: Served) -> tuple[str, str, str]:
    """Return a building beside another grid of its community, its grid and the other."""
    plan = fresh.store.load(fresh.draft)
    home = dict(zip(plan.units["unit_id"], plan.units["grid_code"], strict=True))
    built = plan.units.dropna(subset=["building_id"]).set_index("unit_id")["building_id"]
    for first, second in zip(plan.borders["first"], plan.borders["second"], strict=True):
        if first in built.index and home[first] != home[second] and home[first].startswith("230718001001"):
            return str(first), home[first], home[second]
    raise AssertionError("no unit lies at a border")


def pick(page: Any, unit: str) -> None:
    page.select_option("[data-name=units]", unit)
    page.wait_for_selector("#n-picked")


def actions(fresh: Served) -> list[str]:
    return [edit.action for edit in fresh.store.edits(fresh.draft)]


def force_through(page: Any) -> None:
    """Give the units; where a rule would break, insist and say why."""
    page.click("[data-name=give]")
    page.wait_for_selector("dialog, #history")
    if page.locator("dialog").count():
        page.fill("dialog [name=reason]", "外业核实")
        page.click("[data-choice=force]")
    page.wait_for_selector("#history li")


def test_what_a_move_does_is_shown_before_and_kept_after(fresh: Served, planner: Any) -> None:
    unit, source, target = at_border(fresh)
    before = fresh.store.load(fresh.draft)
    pick(planner, unit)
    planner.select_option("[name=target]", target)
    planner.wait_for_selector("#tried")
    homes = int(before.units.loc[before.units["unit_id"] == unit, "households"].sum())
    figures = before.grids.set_index("grid_code")["households"]
    shown = planner.inner_text("#tried")
    for code, change in ((source, -homes), (target, homes)):
        assert f"{figures[code]} → {figures[code] + change}" in shown
    assert actions(fresh) == [], "trying keeps nothing"
    force_through(planner)
    after = fresh.store.load(fresh.draft)
    assert set(after.units.loc[after.units["unit_id"] == unit, "grid_code"]) != {source}
    (edit,) = after.edits
    assert (edit.action, edit.author, edit.parameters["units"]) == ("move", "李娜", [unit])
    planner.keyboard.press("Control+z")
    planner.wait_for_selector("#history li:nth-child(2)")
    planner.click("[data-name=redo]")
    planner.wait_for_selector("#history li:nth-child(3)")
    assert actions(fresh) == ["move", "undo", "redo"]
    again = fresh.store.load(fresh.draft)
    assert again.units["grid_code"].tolist() == after.units["grid_code"].tolist()


def test_a_box_takes_units_and_grids_are_merged_split_and_locked(fresh: Served, planner: Any) -> None:
    planner.click("[data-name=tool-rectangle]")
    box = planner.locator("#map").bounding_box()
    corner, far = (box["x"] + 4, box["y"] + 4), (box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    planner.mouse.move(*corner)
    planner.mouse.down()
    planner.mouse.move(*far, steps=3)
    planner.mouse.up()
    planner.wait_for_selector("#n-picked")
    here = fresh.store.load(fresh.draft).units
    here = here[here["grid_code"].str.startswith("230718001001")]
    assert f"{int(here['households'].sum()):,} 户" in planner.inner_text("#n-picked")
    planner.click("[data-name=clear]")
    planner.click("[data-name=tool-grid]")
    planner.mouse.click(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2)
    planner.click("[data-name=lock]")
    planner.wait_for_selector("#history li")
    assert actions(fresh) == ["lock"]
    assert fresh.store.load(fresh.draft).grids["locked"].sum() == 1


def test_nobody_overwrites_what_another_saved(fresh: Served, planner: Any) -> None:
    unit, _, target = at_border(fresh)
    code = our_plan().grids["grid_code"].iloc[-1]
    theirs = fresh.store.load(fresh.draft).rename(code, "河东网格", author="王强", reason="居民议定")
    fresh.store.save_edits(fresh.draft, theirs)
    pick(planner, unit)
    planner.select_option("[name=target]", target)
    planner.click("[data-name=give]")
    planner.wait_for_selector("dialog")
    said = planner.inner_text("dialog")
    assert "王强" in said
    assert "居民议定" in said
    planner.click("[data-choice=theirs]")
    planner.wait_for_selector("#history >> text=王强")
    assert actions(fresh) == ["rename"], "mine was not made, theirs stands"
    fresh.store.save_edits(fresh.draft, fresh.store.load(fresh.draft).rename(code, "河西网格", author="王强"))
    pick(planner, unit)
    planner.select_option("[name=target]", target)
    planner.click("[data-name=give]")
    planner.click("dialog [data-choice=branch]")
    planner.wait_for_selector("text=分支")
    planner.wait_for_selector("dialog [data-choice=force], #history li:nth-child(3)")
    assert actions(fresh) == ["rename", "rename"]
    assert sum(info.number is None for info in fresh.store.plans()) == 2


def test_a_draft_is_begun_and_published_from_a_day(fresh: Served, visit: Visiting) -> None:
    page = visit(fresh, lang="en-GB").enter("planner", name="李娜")
    page.click("#button-redraw")
    page.fill("[name=draft-name]", "<b>next</b>")
    page.press("[name=draft-name]", "Enter")
    page.wait_for_selector("[data-name=tool-click]")
    assert "<b>next</b>" in page.inner_text("#tab-redraw")
    page.click("[data-name=tool-grid]")
    page.click("[data-name=publish]")
    page.fill("dialog [name=valid-from]", fresh.clock.now.date().isoformat())
    page.click("dialog [data-choice=go]")
    page.wait_for_selector("#toast >> text=Published")
    (made,) = [info for info in fresh.store.plans() if info.name == "<b>next</b>"]
    assert (made.state, made.published_by, made.in_force(fresh.clock.now.date())) == ("published", "李娜", True)
    page.click("#button-compare")
    page.wait_for_selector(f"[name=compare] option[value='{fresh.ours}']", state="attached")


def test_the_rest_is_cut_anew_by_a_job(fresh: Served, visit: Visiting) -> None:
    codes = our_plan().grids["grid_code"].tolist()
    fresh.store.save_edits(fresh.draft, fresh.store.load(fresh.draft).merge(*codes[:2], author="李娜", force=True))
    page = opened(fresh, visit)
    with page.expect_response(re.compile(r"/v1/jobs/\w+/events")):
        page.click("[data-name=replan_rest]")
    page.wait_for_selector("#history >> text=重新划分", timeout=JOB_MS)
    assert actions(fresh) == ["merge", "replan"]


def made(page: Any, times: int) -> None:
    """Insist where a rule would break, and wait until the history has so many edits."""
    page.wait_for_selector(f"dialog, #history li:nth-child({times})")
    if page.locator("dialog").count():
        page.click("[data-choice=force]")
    page.wait_for_selector(f"#history li:nth-child({times})")


def test_a_grid_is_split_along_a_line_and_a_border_follows_one(fresh: Served, visit: Visiting) -> None:
    page = visit(fresh, lang="en-GB").enter("planner", name="李娜")
    page.click("#button-redraw")
    page.click(f"[data-plan='{fresh.draft}']")
    before = fresh.store.load(fresh.draft).grids
    page.click("[data-name=tool-line]")
    box = page.locator("#map").bounding_box()
    x = box["x"] + box["width"] / 2 - 60
    for y in (10, box["height"] / 2, box["height"] - 10):
        page.mouse.click(x, box["y"] + y)
    page.click("[data-name=undo_point]")
    assert page.inner_text("#n-points") == "2 points drawn"
    page.mouse.click(x, box["y"] + box["height"] - 10)
    split = page.input_value("[name=line-one]")
    page.click("[data-name=split_along]")
    made(page, 1)
    after = fresh.store.load(fresh.draft)
    assert len(after.grids) == len(before) + 1
    assert (after.edits[0].action, after.edits[0].parameters["code"]) == ("split", split)
    halves = [code for code in after.grids["grid_code"] if code not in set(before["grid_code"]) - {split}]
    for y in (10, box["height"] - 10):
        page.mouse.click(x - 70, box["y"] + y)
    page.select_option("[name=line-one]", halves[0])
    page.select_option("[name=line-two]", halves[1])
    page.click("[data-name=follow_line]")
    made(page, 2)
    assert actions(fresh) == ["split", "follow"]


def test_grids_are_worked_on_and_lines_drawn_by_keyboard(fresh: Served, planner: Any) -> None:
    planner.focus("[data-name=tool-grid]")
    planner.keyboard.press("Enter")
    code = planner.eval_on_selector("[data-name=grids]", "list => list.options[0].value")
    planner.focus("[data-name=grids]")
    planner.keyboard.press("Home")
    planner.select_option("[name=kind]", "exclusive")
    made(planner, 1)
    planner.select_option("[data-name=grids]", code)
    planner.focus("[data-name=lock]")
    planner.keyboard.press("Enter")
    made(planner, 2)
    planner.select_option("[data-name=grids]", code)
    planner.wait_for_selector("[data-name=unlock]")
    (grid,) = fresh.store.load(fresh.draft).grids.query("grid_code == @code").to_dict("records")
    assert (grid["kind"], grid["locked"]) == ("exclusive", 1)
    planner.click("[data-name=tool-line]")
    planner.focus("#map")
    for key in ("Enter", "ArrowUp", "Enter", "Enter", "Backspace"):
        planner.keyboard.press(key)
    assert planner.inner_text("#n-points") == "已画 2 点"
