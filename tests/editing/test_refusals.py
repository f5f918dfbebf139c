"""Edits that cannot be made, whoever insists: the right error, a message that helps, and nothing changed."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
import shapely
from drawn import METRIC, A, box, line

from gridplan.editing.errors import texts
from gridplan.errors import EditError, EditRefused, NotADraftError, StaleEditError, UnknownCodeError
from gridplan.plan import Plan, read_plan

NW, NE, SW, SE = (A + f"00{number}" for number in (1, 2, 3, 4))
AWAY, RIM = line((0, 50), (400, 50)), line((0, 200), (200, 200))
Edit = Callable[[Plan], Any]


def streets(x: float) -> gpd.GeoDataFrame:
    """Return a street in two pieces from north to south, and a square of the same name."""
    shapes = [line((x, -9), (x, 150)), line((x, 150), (x, 409)), box(0, 0, 9, 9)]
    return gpd.GeoDataFrame({"name": ["人民路"] * 3}, geometry=shapes, crs=METRIC)


IMPOSSIBLE: dict[str, tuple[Edit, type[EditError], str]] = {
    "unknown code": (lambda p: p.merge(NW, A + "01", force=True), UnknownCodeError, f"no grid {A}01; did you mean"),
    "all unknown codes": (lambda p: p.lock("x", "y"), UnknownCodeError, "no grid x, y"),
    "unknown building": (lambda p: p.move(["b1", "b99"], to=NW, force=True), UnknownCodeError, "building b99"),
    "one grid alone": (lambda p: p.merge(NW, NW, force=True), EditError, "at least two grids"),
    "nothing to move": (lambda p: p.move(["b12", "b13"], to=NW, force=True), EditError, "in .* already"),
    "no unit named": (lambda p: p.move([], to=NW), EditError, "no unit or building"),
    "a line that misses": (lambda p: p.split(NW, along=AWAY, force=True), EditError, "misses"),
    "a line along the border": (
        lambda p: p.split(NW, along=line((0, 200), (200, 200)), force=True),
        EditError,
        "misses",
    ),
    "no line": (lambda p: p.split(NW, along=shapely.Point(0, 0)), EditError, "expected a line"),
    "two ways to split": (lambda p: p.split(NW, into=2, along=line((0, 0), (1, 1))), EditError, "not both"),
    "more grids than units": (lambda p: p.split(NW, into=5, force=True), EditError, "2 to 4 grids; found 5"),
    "split into one": (lambda p: p.split(NW, into=1, force=True), EditError, "2 to 4"),
    "fits as it is": (lambda p: p.split(NW), EditError, "ask for no other number"),
    "a street elsewhere": (
        lambda p: p.follow(NW, NE, street=line((0, 50), (400, 50)), force=True),
        EditError,
        "one side",
    ),
    "a street by name alone": (lambda p: p.follow(NW, NE, street="人民路"), EditError, "read_source"),
    "a street that is not there": (
        lambda p: p.follow(NW, NE, street="人民", streets=streets(400)),
        UnknownCodeError,
        "did you mean 人民路",
    ),
    "a boundary with itself": (lambda p: p.follow(NW, NW, street=line((0, 300), (400, 300))), EditError, "two grids"),
    "named twice": (lambda p: p.redraw({NW: ["b4"], NE: ["b4"]}, force=True), EditError, "named twice"),
    "a blank name": (lambda p: p.rename(NW, " "), EditError, "blank"),
    "no such kind": (lambda p: p.change_kind(NW, kind="park"), EditError, "known are basic, rural"),
    "locked already": (lambda p: p.lock(NW).lock(NW), EditError, "so already"),
    "nothing to take back": (lambda p: p.undo(), EditError, "no edit to take back"),
    "nothing to make again": (lambda p: p.redo(), EditError, "no edit to make again"),
    "no such edit": (lambda p: p.edit("explode", {}), EditError, "known are merge"),
    "no such parameter": (lambda p: p.edit("merge", {"grids": [NW]}), EditError, "does not take"),
    "no such word": (lambda p: p.lock(NW, because="x"), EditError, "no because"),
    "another base": (lambda p: p.lock(NW).lock(NE, base=""), StaleEditError, "by now"),
    "a branch without a name": (lambda p: p.branch(""), EditError, "blank"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_is_named_and_changes_nothing(square: Plan, case: str) -> None:
    edit, error, words = IMPOSSIBLE[case]
    with pytest.raises(error, match=words) as refusal:
        edit(square)
    assert not isinstance(refusal.value, EditRefused), "no force would help"
    assert re.search("[\u4e00-\u9fff]{2}", refusal.value.text("zh"))
    assert refusal.value.text("en") == str(refusal.value)
    assert square.edits == ()
    assert len(square.grids) == 4


@pytest.mark.parametrize("status", ["submitted", "approved", "published", "retired"])
def test_only_a_draft_changes(square: Plan, status: str) -> None:
    fixed = replace(square, report={**square.report, "status": status})
    for edit in (lambda: fixed.lock(NW), fixed.undo, lambda: fixed.merge(NW, NE, force=True)):
        with pytest.raises(NotADraftError, match=f"is {status}"):
            edit()
    assert fixed.branch("新稿").lock(NW).status == "draft"


def test_edits_of_the_right_base_are_taken(square: Plan) -> None:
    first = square.lock(NW, base="")
    assert first.last_edit is not None
    assert len(first.lock(NE, base=first.last_edit.edit_id).edits) == 2


def test_a_file_without_borders_can_be_read_and_not_edited(square: Plan, tmp_path: Any) -> None:
    replace(square, borders=square.borders.iloc[:0]).write(tmp_path / "old.gpkg")
    old = read_plan(tmp_path / "old.gpkg")
    assert len(old.grids) == 4
    with pytest.raises(EditError, match="borders"):
        old.merge(NW, NE, force=True)


def test_a_refusal_says_why_in_both_languages(square: Plan) -> None:
    with pytest.raises(EditRefused) as caught:
        square.merge(NW, NE)
    assert "households 800 against 500" in caught.value.text("en")
    assert "户数 800，限值 500" in caught.value.text("zh")


def test_a_boundary_follows_a_street_by_its_name(square: Plan) -> None:
    """The grids in the west swap a column with those in the east: the street at 100 parts 4 houses from 4."""
    moved = square.move(["b8", "b12"], to=NE, force=True)
    back = moved.follow(NW, NE, street="人民路", streets=streets(200))
    assert set(back.units.loc[back.units["grid_code"] == NW, "building_id"].dropna()) == {"b8", "b9", "b12", "b13"}


@pytest.mark.parametrize("key", texts())
def test_both_languages_name_the_same(key: str) -> None:
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts()[key]]
    assert names[0] == names[1]
