"""To its grid or to a person: rounding, default points, contradictions; each found where it was made alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from ground_of_squares import EAST, WEST, ground, lonlat, many, read, record
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.address.answer import Candidate, Match
from gridplan.incidents.deciding import REASONS
from gridplan.incidents.placing import Placed, place
from gridplan.incidents.precision import find_rounding
from gridplan.incidents.stacking import stacked

GROUND = ground()


@dataclass
class Table:
    """A table of addresses that knows what it is told."""

    answers: dict[str, Match] = field(default_factory=dict)

    def match(self, text: str) -> Match:
        return self.answers.get(text, Match(text))


def placed(rows: list[dict[str, object]], table: Table | None = None, **layout: object) -> pd.DataFrame:
    records = read(rows, **layout)
    return _placed(rows, table, **layout).frame.set_axis(records.frame["source_id"])


def _placed(rows: list[dict[str, object]], table: Table | None = None, **layout: object) -> Placed:
    return place(read(rows, **layout).frame, GROUND, table)


def test_a_clear_point_goes_to_its_grid() -> None:
    rows = [record(1, 100, 100), record(2, 100, 900), record(3, 900, 100), record(4, 900, 900)]
    found = placed(rows)
    assert found["grid_code"].tolist() == [f"{WEST}001", f"{WEST}002", f"{EAST}001", f"{EAST}002"]
    assert (found["placed_by"] == "point").all()
    assert (found["confidence"] == 1).all()
    assert found["precision_m"].max() < 0.02


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"lon": None, "lat": None}, "no_coordinates"),
        ({"lon": 0, "lat": 0}, "no_coordinates"),
        ({"lon": 116.9, "lat": 39.1}, "outside_every_grid"),
        ({"lon": lonlat(100, 100)[1], "lat": lonlat(100, 100)[0]}, "swapped_coordinates"),
        ({"community": "河东"}, "point_and_text_disagree"),
        ({"address": "河东社区长江路3号"}, "point_and_text_disagree"),
        ({"community": "花园社区\n河东社区"}, "several_communities"),
        ({"community": "花园+西山"}, "unknown_community"),
    ],
)
def test_what_is_wrong_with_one_record_goes_to_review(changed: dict[str, object], reason: str) -> None:
    found = placed([*many(30), {**record(99, 100, 100), **changed}])
    assert found.loc["A99", "reason"] == reason
    assert found.loc["A99", "grid_code"] is None
    assert (found.drop("A99")["reason"] == "").all()
    assert reason in REASONS


def test_a_name_without_its_ending_and_a_part_of_a_community_are_understood() -> None:
    found = placed(
        [record(k, 100, 100, community=name) for k, name in enumerate(["花园", "花园社区", "花园A", " 花园b "])]
    )
    assert (found["grid_code"] == f"{WEST}001").all()


def test_an_address_at_places_far_apart_goes_to_review_with_all_its_grids() -> None:
    rows = [
        *many(30),
        record(90, 100, 100, "和平路7号"),
        record(91, 900, 900, "和平路 7号"),
        record(92, 130, 110, "和平路9号"),
    ]
    found = placed(rows)
    for name in ("A90", "A91"):
        assert found.loc[name, "reason"] == "address_at_several_places"
        assert {each["grid_code"] for each in found.loc[name, "candidates"]} == {f"{WEST}001", f"{EAST}002"}
    assert found.loc["A92", "reason"] == ""
    road = placed([record(90, 100, 100, "和平路"), record(91, 900, 900, "和平路")])
    assert (road["reason"] == "").all(), "a road without a number is no one place"


def answer(text: str, grid: str, *, accepted: bool = True, others: tuple[str, ...] = ()) -> Match:
    lon, lat = lonlat(240, 250)
    rows = tuple(Candidate(f"r{k}", f"{text}{k}", code, "door") for k, code in enumerate((grid, *others)))
    status = "matched" if accepted else "ambiguous"
    grid_code = grid if accepted else None
    question = "" if accepted else "building"
    return Match(
        text, "r0", 0.99, accepted, status, "door", text, grid_code, accepted, rows, question, lon=lon, lat=lat
    )


def test_point_and_address_agree_or_go_to_review_with_both() -> None:
    table = Table({"甲": answer("甲", f"{WEST}001"), "乙": answer("乙", f"{EAST}002")})
    found = placed([record(1, 100, 100, "甲"), record(2, 100, 100, "乙")], table)
    assert found.loc["A1", ["grid_code", "placed_by", "match_level"]].tolist() == [f"{WEST}001", "both", "door"]
    assert found.loc["A2", "reason"] == "point_and_address_disagree"
    assert [each["grid_code"] for each in found.loc["A2", "candidates"]] == [f"{WEST}001", f"{EAST}002"]
    assert [each["by"] for each in found.loc["A2", "candidates"]] == ["point", "address"]


def test_without_a_point_the_address_places_or_the_question_is_kept() -> None:
    table = Table(
        {"甲": answer("甲", f"{WEST}001"), "丙": answer("丙", f"{WEST}001", accepted=False, others=(f"{EAST}001",))}
    )
    rows = [{**record(k, 0, 0, text), "lon": None, "lat": None} for k, text in enumerate(["甲", "丙", "丁"])]
    found = placed(rows, table)
    assert found.loc["A0", ["grid_code", "placed_by", "confidence"]].tolist() == [f"{WEST}001", "address", 0.99]
    assert found.loc["A0", ["lon", "lat"]].tolist() == list(lonlat(240, 250)), "it can be restated by this place"
    assert found.loc["A1", ["reason", "question"]].tolist() == [
        "ambiguous_address",
        "请问是几号楼？ / Please ask for the building",
    ]
    assert {each["grid_code"] for each in found.loc["A1", "candidates"]} == {f"{WEST}001", f"{EAST}001"}
    assert found.loc["A2", "reason"] == "no_coordinates"


def test_the_address_and_the_text_that_disagree_go_to_review() -> None:
    table = Table({"甲": answer("甲", f"{WEST}001")})
    found = placed([{**record(1, 0, 0, "甲", "河东"), "lon": None, "lat": None}], table)
    assert found.loc["A1", "reason"] == "address_and_text_disagree"


def test_a_default_point_is_found_by_its_many_streets_and_a_busy_corner_is_not() -> None:
    rng = np.random.default_rng(5)
    spread = many(2000)
    corner = [record(5000 + k, 700, 700, "长江路与黄河路口") for k in range(60)]
    default = [record(7000 + k, 250, 250, f"第{rng.integers(40)}大街{k}号") for k in range(40)]
    found = _placed([*spread, *corner, *default])
    reasons = found.frame["reason"].to_numpy()
    assert (reasons[-40:] == "stacked_default_point").all()
    assert (reasons[:-40] == "").all()
    assert found.default_points == {lonlat(250, 250): 40}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), houses=st.integers(1, 4))
def test_no_default_point_where_there_is_none(seed: int, houses: int) -> None:
    """Points that hold as many streets as chance makes them, however the busiest comes out."""
    rng = np.random.default_rng(seed)
    count = 600
    place_ = rng.integers(0, 300, count) // houses
    lon, lat = 116 + place_ / 1e4, 40 + (place_ * 7919 % 1000) / 1e4
    streets = pd.Series(
        [f"第{'甲乙丙丁戊己庚辛壬癸'[k % 10]}{'东西南北中'[k % 5]}路" for k in rng.integers(0, 50, count)]
    )
    assert not stacked(lon, lat, streets).any()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    fine=st.sampled_from([5, 6, 7]),
    coarse=st.sampled_from([2, 3]),
    share=st.floats(0.05, 0.95),
)
def test_the_rounding_of_a_mixed_set_is_found(seed: int, fine: int, coarse: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(116, 118, 400), rng.uniform(39, 41, 400)
    rounded = rng.random(400) < share
    lon = np.where(rounded, np.round(lon, coarse), np.round(lon, fine))
    lat = np.where(rounded, np.round(lat, coarse), np.round(lat, fine))
    found = find_rounding(lon, lat)
    assert (found.decimals[rounded] == coarse).all()
    assert (found.decimals[~rounded] != fine).sum() <= 3, "a fine point may end in noughts by chance"
    assert found.metres[rounded].tolist() == pytest.approx([111_320 / 10**coarse] * int(rounded.sum()))


@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_noughts_at_the_end_by_chance_are_no_rounding(decimals: int) -> None:
    rng = np.random.default_rng(decimals)
    lon, lat = np.round(rng.uniform(116, 118, (2, 20_000)), decimals)
    found = find_rounding(lon, lat)
    assert found.classes == {decimals: 20_000}
    nothing = find_rounding(np.full(3, np.nan), np.full(3, np.nan))
    assert (nothing.decimals == -1).all()
    assert np.isnan(nothing.metres).all()


def test_a_coarse_point_near_a_border_goes_to_review_and_the_text_may_decide() -> None:
    def coarse(number: int, x: float, y: float, community: str = "") -> dict[str, object]:
        lon, lat = lonlat(x, y, 3)
        return {**record(number, x, y, community=community), "lon": lon, "lat": lat}

    rng = np.random.default_rng(2)
    rows = [coarse(k, *rng.uniform(150, 350, 2)) for k in range(40)]
    rows += [coarse(90, 490, 250), coarse(91, 490, 250, "花园"), coarse(92, 490, 250, "河东"), coarse(93, 250, 495)]
    found = placed(rows)
    assert (found["precision_m"].round(1) == 111.3).all()
    assert (found.iloc[:40]["grid_code"] == f"{WEST}001").all()
    assert found.loc[["A90", "A93"], "reason"].tolist() == ["imprecise_point"] * 2
    assert {each["grid_code"] for each in found.loc["A90", "candidates"]} == {f"{WEST}001", f"{EAST}001"}
    assert sum(each["share"] for each in found.loc["A90", "candidates"]) == pytest.approx(1, abs=0.02)
    assert found.loc[["A91", "A92"], "grid_code"].tolist() == [f"{WEST}001", f"{EAST}001"]
    assert (found.loc[["A91", "A92"], "confidence"] < 1).all()
