"""Each edit on a plan drawn by hand: what it makes, what it says, and that the plan before stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import geopandas as gpd
import pytest
from drawn import A, B, box, buildings_by_grid, district, house, houses, line, plan
from oracle import assert_true

from gridplan.errors import EditError, EditRefused
from gridplan.plan import Plan

NW, NE, SW, SE = (A + f"00{number}" for number in (1, 2, 3, 4))


def test_a_merge_is_refused_with_the_reason_or_kept_as_a_named_violation(square: Plan) -> None:
    with pytest.raises(EditRefused, match="800 against 500") as refusal:
        square.merge(NW, NE, reason="试")
    assert [row["rule"] for row in refusal.value.violations] == ["band"]
    made = square.merge(NW, NE, reason="试", force=True)
    assert buildings_by_grid(made)[NW] == {f"b{n}" for n in (8, 9, 10, 11, 12, 13, 14, 15)}
    assert made.violations.to_dict("records") == [
        {
            "rule": "band",
            "grid_code": NW,
            "value": 800,
            "limit": 500,
            "reason": "drawn_by_planner",
            "proven": 0,
            "subject": None,
        }
    ]
    assert made.grids.set_index("grid_code")["name"][NW] == "第一网格"
    assert len(square.grids) == 4
    assert square.edits == ()
    assert_true(made)


def test_an_edit_answers_at_once(square: Plan) -> None:
    made = square.merge(NW, NE, reason="合并", author="王芳", force=True, at=datetime(2026, 3, 1, 9, tzinfo=UTC))
    record = made.last_edit
    assert record is not None
    assert (record.action, record.author, record.reason, record.forced) == ("merge", "王芳", "合并", True)
    effects = record.effects
    by_code = {row["grid_code"]: (row["before"], row["after"]) for row in effects.grids}
    work = square.grids.set_index("grid_code")["work_min"]
    assert by_code[NW] == (
        {"households": 400, "persons": 1000, "work_min": work[NW]},
        {"households": 800, "persons": 2000, "work_min": work[NW] + work[NE]},
    )
    assert by_code[NE][1] is None
    assert effects.households_moved == 400
    assert effects.boundary_m == (800.0, 600.0)
    assert effects.on_barriers == (1.0, 1.0)
    assert [row["rule"] for row in effects.gained] == ["band"]
    assert "400 → 800 户" in repr(effects)
    assert str(record.at) == "2026-03-01 09:00:00+00:00"


def test_a_move_keeps_the_codes_and_counts_the_households(square: Plan) -> None:
    made = square.move("b4", to=NW)
    assert buildings_by_grid(made)[NW] == {"b4", "b8", "b9", "b12", "b13"}
    assert made.last_edit is not None
    assert made.last_edit.effects.households_moved == 100
    assert made.grids["households"].tolist() == [500, 400, 300, 400]
    assert_true(made)


def test_a_move_that_parts_a_grid_is_refused(square: Plan) -> None:
    with pytest.raises(EditRefused, match="connected"):
        square.move("b0", to=NE)
    kept = square.move("b0", to=NE, force=True)
    found = kept.violations[["rule", "grid_code", "value"]].itertuples(index=False, name=None)
    assert ("connected", NE, 2) in list(found)
    assert_true(kept)


def test_what_betters_a_breach_needs_no_force() -> None:
    """Three grids below the minimum, locked in and then opened: two of them merged are still below, and better."""
    codes = [A + f"00{n}" for n in (1, 2, 3, 4)]
    today = [
        {"grid_code": code, "locked": True, "geometry": box(100 * n, 0, 100 * n + 100, 100)}
        for n, code in enumerate(codes)
    ]
    made = plan(district(houses(4, 1), 100, box(0, 0, 400, 100), grids=today)).unlock(*codes)
    better = made.merge(A + "001", A + "002")
    assert sorted(better.grids["households"]) == [100, 100, 200]
    assert len(better.violations) == 3
    best = better.merge(*better.grids["grid_code"])
    assert len(best.violations) == 0
    assert_true(best)


def test_a_split_along_a_line_goes_by_the_ground_of_units(square: Plan) -> None:
    """The line stops short of both borders and wavers; its cells go to the side that holds more of them."""
    drawn = line((104, 395), (96, 300), (103, 205))
    made = square.split(NW, along=drawn, force=True)
    assert {frozenset(ids) for code, ids in buildings_by_grid(made).items() if code not in (NE, SW, SE)} == {
        frozenset({"b8", "b12"}),
        frozenset({"b9", "b13"}),
    }
    elsewhere = gpd.GeoSeries([drawn], crs=square.grids.crs).to_crs("EPSG:4326")
    assert square.split(NW, along=elsewhere, force=True) == made
    assert_true(made)


def test_a_split_by_search_makes_as_many_as_asked(square: Plan) -> None:
    both = square.merge(NW, NE, force=True)
    made = both.split(NW, into=2)
    assert len(made.violations) == 0
    assert sorted(made.grids["households"]) == [400] * 4
    by_band = both.split(NW)
    assert len(by_band.violations) == 0
    four = both.split(NW, into=4, force=True)
    assert len(four.grids) == 2 + 4
    assert_true(four)


def test_an_estate_that_is_one_compound_can_be_split(square: Plan) -> None:
    drawn = district(houses(4, 4), 50, box(0, 0, 400, 400), compound_id=["花园"] * 16)
    made = plan(drawn, minimum=600, target=800, maximum=900)
    (code,) = made.grids["grid_code"]
    four = made.split(code, into=4, force=True)
    assert sorted(four.grids["households"]) == [200] * 4
    assert set(four.violations["rule"]) == {"band", "compound"}
    assert_true(four)


def test_a_boundary_follows_a_street(square: Plan) -> None:
    drawn = district(houses(4, 2), 100, box(0, 0, 400, 200), barriers=[("residential", line((200, -9), (200, 209)))])
    made = plan(drawn).move("b1", to=A + "002", force=True)
    one, two = made.grids["grid_code"]
    assert made.report["measures"]["boundary_on_barriers"] < 1
    back = made.follow(one, two, street=line((200, 10), (200, 190)))
    assert back.report["measures"]["boundary_on_barriers"] == 1.0
    assert len(back.violations) == 0
    assert_true(back)


def test_a_lock_holds_until_it_is_opened(square: Plan) -> None:
    locked = square.lock(NW, NE)
    assert locked.grids["locked"].tolist() == [1, 1, 0, 0]
    for edit in (
        lambda: locked.move("b4", to=NW, force=True),
        lambda: locked.move("b8", to=SW, force=True),
        lambda: locked.merge(NW, SW, force=True),
        lambda: locked.split(NW, into=2, force=True),
        lambda: locked.change_kind(NW, kind="micro", force=True),
        lambda: locked.replan([NW, SW], force=True),
    ):
        with pytest.raises(EditError, match="unlock first") as refusal:
            edit()
        assert not isinstance(refusal.value, EditRefused)
    assert locked.unlock(NW, NE) == square
    assert locked.rename(NW, "河畔").grids["name"][0] == "河畔"


def test_a_lock_out_of_the_band_is_named_so(square: Plan) -> None:
    locked = square.merge(NW, NE, force=True).lock(NW)
    assert locked.violations[["reason", "proven"]].to_numpy().tolist() == [["locked_out_of_band", 1]]


def test_names_and_kinds_change_and_codes_stay(square: Plan) -> None:
    made = square.rename(NW, " 河畔 ").change_kind(SE, kind="exclusive")
    assert made.grids.set_index("grid_code")["name"][NW] == "河畔"
    assert made.grids.set_index("grid_code")["kind"][SE] == "exclusive"
    assert made.grids["grid_code"].tolist() == square.grids["grid_code"].tolist()
    with pytest.raises(EditError, match="grids of their own"):
        made.move("b6", to=NE, force=True)


def test_arithmetic_excuses_what_it_can_and_no_more() -> None:
    """Five houses of 120: 600 make two grids of 300, which no two whole houses give; so one grid, out of the band."""
    made = plan(district(houses(5, 1), 115, box(0, 0, 500, 100)))
    assert set(made.violations["reason"]) == {"total_fits_no_number"}
    if len(made.grids) > 1:
        made = made.merge(*made.grids["grid_code"], force=True)
    assert made.violations[["value", "reason", "proven"]].to_numpy().tolist() == [[575, "total_fits_no_number", 1]]
    parted = made.split(made.grids["grid_code"].iloc[0], into=5, force=True)
    assert sorted(parted.violations["reason"]) == ["drawn_by_planner"] * 4 + ["total_fits_no_number"]


def test_a_selection_is_cut_anew_and_the_rest_stays(square: Plan) -> None:
    spoilt = square.move(["b4", "b5"], to=NW, force=True).lock(NE, SE)
    made = spoilt.replan("unlocked")
    assert len(made.violations) == 0
    assert buildings_by_grid(made)[NE] == buildings_by_grid(square)[NE]
    assert_true(made)
    with pytest.raises(EditError, match="nothing to change"):
        square.replan([NW, SW])


def test_new_rules_judge_the_whole_plan(square: Plan) -> None:
    made = square.replan("unlocked", rules={"minimum": 150, "target": 200, "maximum": 250})
    assert sorted(made.grids["households"]) == [200] * 8
    assert made.report["rules"]["maximum"] == 250
    assert len(made.violations) == 0
    assert_true(made)
    assert made.undo() == square


def test_pairs_to_be_joined_or_parted_are_kept() -> None:
    made = plan(district(houses(4, 2), 100, box(0, 0, 400, 200)), must_join=[["b0", "b1"]], must_part=[["b0", "b3"]])
    joined = next(code for code, ids in buildings_by_grid(made).items() if "b0" in ids)
    other = next(code for code in made.grids["grid_code"] if code != joined)
    with pytest.raises(EditRefused, match="to be joined"):
        made.move("b0", to=other)
    with pytest.raises(EditRefused, match="to be parted"):
        made.merge(joined, other)


def test_several_grids_are_drawn_at_once(square: Plan) -> None:
    """Each of two swaps would break the band alone."""
    made = square.redraw({NW: ["b4", "b5"], SW: ["b8", "b9"]}, force=True)
    assert buildings_by_grid(made)[NW] >= {"b4", "b5"}
    fresh = square.redraw({"北": ["b12", "b13", "b14", "b15"], "南": ["b8", "b9", "b10", "b11"]})
    assert len(fresh.violations) == 0
    assert_true(fresh)


def test_a_city_is_not_crossed(two_communities: Plan) -> None:
    a, b = two_communities.grids["grid_code"].iloc[[0, -1]]
    for edit in (lambda: two_communities.merge(a, b, force=True), lambda: two_communities.move("b7", to=a, force=True)):
        with pytest.raises(EditError, match="in one community") as refusal:
            edit()
        assert {A, B} & set(str(refusal.value).replace(",", " ").split())


def test_time_is_told_in_utc(square: Plan) -> None:
    beijing = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=8)))
    made = square.lock(NW, at=beijing)
    assert made.last_edit is not None
    assert made.last_edit.at.isoformat() == "2026-03-01T01:00:00+00:00"
    with pytest.raises(EditError, match="offset from UTC"):
        square.lock(NW, at=datetime(2026, 3, 1, 9))


def test_a_unit_of_several_buildings_moves_whole() -> None:
    shapes = [house(50, 50), house(50, 50), house(150, 50), house(250, 50), house(350, 50)]
    made = plan(district(shapes, [100, 100, 150, 150, 200], box(0, 0, 400, 100)))
    other = next(code for code, ids in buildings_by_grid(made).items() if "b0" not in ids)
    moved = made.move("b0", to=other, force=True)
    assert {"b0", "b1"} <= buildings_by_grid(moved)[other]
    assert_true(moved)
