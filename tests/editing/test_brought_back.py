"""Grids moved by hand in a GIS and brought back: what fits becomes edits, what does not is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from drawn import A, B, box, buildings_by_grid
from oracle import assert_true

from gridplan.errors import EditError, EditRefused
from gridplan.plan import Plan

NW, NE, SW, SE = (A + f"00{number}" for number in (1, 2, 3, 4))
QUARTERS = {NW: (0, 200, 200, 400), NE: (200, 200, 400, 400), SW: (0, 0, 200, 200), SE: (200, 0, 400, 200)}


def drawing(plan: Plan, shapes: dict[str | None, Any] | list[tuple[str | None, Any]], **more: Any) -> gpd.GeoDataFrame:
    """Return redrawn grids as a GIS gives them: in longitude and latitude."""
    pairs = list(shapes.items()) if isinstance(shapes, dict) else shapes
    frame = gpd.GeoDataFrame(
        {"grid_code": [code for code, _ in pairs], **more}, geometry=[shape for _, shape in pairs], crs=plan.grids.crs
    )
    return frame.to_crs("EPSG:4326")


def quarters(**others: Any) -> dict[str | None, Any]:
    return {code: box(*bounds) for code, bounds in QUARTERS.items()} | others  # type: ignore[dict-item]


def issues(found: Any) -> set[str]:
    return set(found.issues["issue"])


def test_what_was_not_touched_is_no_edit(square: Plan, tmp_path: Path) -> None:
    square.write(tmp_path / "plan.gpkg")
    found = square.edits_from(tmp_path / "plan.gpkg")
    assert found.edits == ()
    assert len(found.issues) == 0
    assert found.apply(square) is square


def test_a_border_moved_by_hand_moves_whole_units(square: Plan) -> None:
    """The border between the west's grids goes south around b4, wavering: 103 m instead of 100 m, 4 m into b5."""
    shapes = quarters()
    shapes[NW] = box(0, 200, 200, 400).union(box(0, 97, 104, 200))
    shapes[SW] = box(0, 0, 200, 200).difference(box(0, 97, 104, 200))
    found = square.edits_from(drawing(square, shapes))
    assert found.edits == (("redraw", {"grids": {NW: [square.units.set_index("building_id")["unit_id"]["b4"]]}}),)
    assert issues(found) == {"part_of_unit", "sliver"}
    cut = found.issues[found.issues["issue"] == "part_of_unit"]
    building = square.units.set_index("unit_id")["building_id"]
    assert [building[unit] for unit in cut["unit_id"]] == ["b0", "b5"]
    assert cut["area_m2"].tolist() == pytest.approx([3 * 100, 4 * 100], rel=0.01)
    made = found.apply(square, reason="外业核实", author="李强")
    assert buildings_by_grid(made)[NW] == {"b4", "b8", "b9", "b12", "b13"}
    assert made.last_edit is not None
    assert (made.last_edit.author, made.last_edit.reason) == ("李强", "外业核实")
    assert_true(made)


def test_the_tremor_of_a_hand_is_told_once_a_grid(square: Plan) -> None:
    shapes = quarters()
    shapes[NW], shapes[NE] = box(0, 200, 200.4, 400), box(200.4, 200, 400, 400)
    found = square.edits_from(drawing(square, shapes))
    assert found.edits == ()
    assert issues(found) == {"sliver"}
    assert found.issues["grid_code"].tolist() == [NE]


def test_grids_split_joined_and_new(square: Plan) -> None:
    """A GIS that splits a polygon leaves both halves the code; one drawn new has none; one that is gone was merged."""
    shapes: list[tuple[str | None, Any]] = [
        (NW, box(0, 200, 400, 400)),
        (SW, box(0, 0, 110, 200)),
        (SW, box(110, 0, 200, 200)),
        (SE, box(200, 0, 400, 100)),
        (None, box(200, 100, 400, 200)),
    ]
    found = square.edits_from(drawing(square, shapes))
    assert {"repeated_code"} <= issues(found) <= {"repeated_code", "part_of_unit"}
    with pytest.raises(EditRefused, match="800 against 500"):
        found.apply(square)
    made = found.apply(square, force=True)
    assert sorted(made.grids["households"]) == [200, 200, 200, 200, 800]
    assert_true(made)
    assert made.undo() == square


def test_what_cannot_be_taken_is_named_and_stays(square: Plan) -> None:
    shapes = quarters()
    shapes[A + "099"] = shapes.pop(SE)
    shapes[NW] = box(-50, 200, 260, 400)
    found = square.edits_from(drawing(square, shapes))
    assert found.edits == ()
    by_issue = found.issues.groupby("issue")["grid_code"].agg(list).to_dict()
    assert by_issue["unknown_code"] == [A + "099"]
    assert by_issue["gap"] == [SE] * 4
    assert by_issue["outside"] == [NW]
    assert by_issue["overlap"] == [f"{NW}, {NE}"]
    assert found.issues[["zh", "en"]].notna().all(axis=None)


def test_locks_and_borders_of_communities_hold(square: Plan, two_communities: Plan) -> None:
    shapes = quarters()
    shapes[NW], shapes[SW] = box(0, 100, 200, 400), box(0, 0, 200, 100)
    found = square.lock(NW).edits_from(drawing(square, shapes))
    assert found.edits == ()
    assert issues(found) == {"locked"}
    plan = two_communities
    rows = dict(zip(plan.grids["grid_code"], plan.grids.geometry, strict=True))
    west = next(code for code in rows if code.startswith(A) and rows[code].bounds[2] == rows[code].bounds[0] + 200)
    east = [code for code in rows if code.startswith(B)]
    strip = box(400, 0, 500, 200)
    shapes = {code: shape.difference(strip) if code in east else shape for code, shape in rows.items()}
    shapes[west] = shapes[west].union(strip)
    assert issues(plan.edits_from(drawing(plan, shapes))) == {"other_community"}


def test_names_are_taken_and_other_columns_named(square: Plan) -> None:
    frame = drawing(square, quarters(), name=["第一网格", "河畔", None, "第四网格"], kind=["micro", *["basic"] * 3])
    found = square.edits_from(frame)
    assert found.edits == (("rename", {"code": NE, "name": "河畔"}),)
    assert issues(found) == {"kept_attribute"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda frame: frame.rename(columns={"grid_code": "code"}), "need a column grid_code"),
        (lambda frame: frame.set_crs(None, allow_override=True), "no CRS"),
        (lambda frame: frame.iloc[:0], "no polygon"),
        (lambda frame: frame.set_geometry(frame.boundary), "no polygon"),
    ],
    ids=["no code", "no crs", "no row", "lines"],
)
def test_what_is_no_drawing_is_refused(square: Plan, spoil: Any, words: str) -> None:
    with pytest.raises(EditError, match=words):
        square.edits_from(spoil(drawing(square, quarters())))


def test_files_that_are_none_are_refused(square: Plan, tmp_path: Path) -> None:
    with pytest.raises(EditError, match="no such file"):
        square.edits_from(tmp_path / "x.gpkg")
    (tmp_path / "x.gpkg").write_text("hello", encoding="utf-8")
    with pytest.raises(EditError, match="expected a GeoPackage"):
        square.edits_from(tmp_path / "x.gpkg")
    drawing(square, quarters()).to_file(tmp_path / "x.geojson")
    assert square.edits_from(tmp_path / "x.geojson").edits == ()
