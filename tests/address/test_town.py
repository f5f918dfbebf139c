"""What single queries mean in a town of some thirty addresses; every trap that was met on real texts has a line."""

from __future__ import annotations

import pandas as pd
import pytest

from gridplan.locator import Locator

MEANT = [
    ("锦绣花园3号楼", "C1-3"),
    ("锦绣花园三号楼2单元401", "C1-3"),
    ("锦绣花园3-2-401", "C1-3"),
    ("锦绣花园3＃楼", "C1-3"),
    ("陽光喂您好我住錦繡花園３號樓", "C1-3"),
    ("光明路12号3栋", "C1-3"),
    ("黑龙江林海东山区光明路12号锦绣花园3幢", "C1-3"),
    ("老纺织厂2号楼", "C1-2"),
    ("锦秀花园2懂", "C1-2"),
    ("锦绣花园2号搂", "C1-2"),
    ("东山区锦绣花园1号楼 13800000000", "C1-1"),
    ("锦绣花园4号楼不对是2号楼，水管爆了", "C1-2"),
    ("锦绣花园2号1单元16楼1604", "C1-2"),
    ("锦绣花园2号楼下烧烤店扰民", "C1-2"),
    ("锦绣家园2号楼", "C2-2"),
    ("翠湖小区2期1号楼", "P2-1"),
    ("翠湖小区3号楼", "P1-3"),
    ("光明路29号院1号楼", "Y-1"),
    ("光明路291号", "D1"),
    ("光明路七十四号附1号", "D2"),
    ("柳河镇青山村第三村民小组15号", "V1"),
    ("红星社区卫生服务站附近", "S"),
    ("滨江府A6栋", "T"),
    ("滨江府9-1号楼2单元", "T2"),
    ("光明路50号9-1-302", "T2"),
]


@pytest.mark.parametrize(("query", "address_id"), MEANT)
def test_the_row_meant_is_the_best_guess(town: Locator, query: str, address_id: str) -> None:
    assert town.match(query).address_id == address_id


def test_a_building_that_the_table_lacks_is_answered_by_its_compound(town: Locator) -> None:
    found = town.match("锦绣花园17号楼2单元")
    assert (found.address_id, found.level, found.status) == ("C1", "compound", "partial")
    assert found.grid_code is None  # its buildings lie in two grids
    assert any("17" in note for note in found.notes)


def test_a_number_is_never_taken_for_another(town: Locator) -> None:
    for query in ("光明路28号", "光明路2910号", "光明路92号", "青山村4组15号"):
        found = town.match(query)
        assert not found.accepted
        assert found.address_id not in {"D1", "Y", "V1", "V2"}


def test_equal_candidates_are_listed_with_the_question_that_decides(town: Locator) -> None:
    found = town.match("青山村3组15号")
    assert (found.status, found.accepted, found.split_by) == ("ambiguous", False, "street")
    assert found.question == (
        "请问在哪个街道或乡镇：柳河镇，还是河畔街道？",
        "Please ask for the street office or town: 柳河镇 or 河畔街道",
    )
    assert found.to_dict()["question"] == found.question[0]
    assert town.match("青山村3组14号").question == ("", ""), "nothing to decide"
    assert {each.address_id for each in found.candidates} == {"V1", "V2"}
    assert (found.grid_code, found.grid_certain) == (None, False)


def test_the_grid_is_certain_where_all_candidates_lie_in_one(town: Locator) -> None:
    found = town.match("翠湖小区1号楼")
    assert {each.address_id for each in found.candidates} == {"P1-1", "P2-1"}
    assert not found.accepted
    assert (found.grid_code, found.grid_certain, found.grids) == ("G4", True, ("G4",))


@pytest.mark.parametrize(
    "query",
    [
        "锦绣",
        "锦绣山庄3号楼",
        "大连市光明路291号",
        "锦绣花园幼儿园",
        "光明路",
        "东山区河畔街道",
        "3号楼2单元401",
        "你们几点下班",
    ],
)
def test_what_the_table_does_not_hold_is_not_accepted(town: Locator, query: str) -> None:
    assert not town.match(query).accepted


def test_evidence_points_into_the_text_as_it_was_written(town: Locator) -> None:
    query = "我住 ⻄街？錦繡花園　三號樓"
    found = town.match(query)
    spans = {span.kind: span for span in found.evidence}
    assert (spans["compound"].meaning, spans["building"].meaning) == ("锦绣花园", "3")
    for span in found.evidence:
        assert query[span.start : span.end] == span.text
    assert spans["compound"].text == "錦繡花園"


def test_a_sister_place_is_no_misspelling(town: Locator) -> None:
    found = town.match("翠湖小区三期2号楼")
    assert not found.accepted


def test_no_building_stands_for_a_compound_without_a_row_of_its_own(town: Locator) -> None:
    found = town.match("锦绣家园17号楼")
    assert (found.level, found.accepted) == ("compound", False)
    assert (found.grid_code, found.grid_certain) == ("G3", True)  # all its buildings lie in one grid


def test_same_words_for_two_places_or_a_kind_changed_are_never_accepted() -> None:
    town = "黑龙江省林海市东山区"
    table = pd.DataFrame(
        [
            ("E", f"{town}河畔街道红星社区光明路1号纺织厂宿舍3号楼", "G1"),
            ("W", f"{town}站前街道铁路社区站前街2号纺织厂宿舍西区3号楼", "G2"),
            ("K", f"{town}站前街道铁路社区站前街9号水文站家属楼西区4号楼", "G2"),
        ],
        columns=["address_id", "address", "grid_code"],
    )
    locator = Locator.from_table(table)
    both = locator.match("东山区纺织厂宿舍3号楼")
    assert not both.accepted
    assert {each.address_id for each in both.candidates} == {"E", "W"}
    assert not locator.match("水文站小区4号楼").accepted
    assert locator.match("水文站家属楼西区4号楼").accepted


def test_a_district_of_the_same_city_that_the_table_lacks_is_elsewhere() -> None:
    head = "黑龙江省伊春市友好区双子河街道红星社区"
    rows = [(f"Y{n}", f"{head}光明路{n}号锦绣花园{n}号楼") for n in range(1, 5)]
    yichun = Locator.from_table(pd.DataFrame(rows, columns=["address_id", "address"]))
    assert yichun.match("友好区锦绣花园3号楼").accepted
    assert yichun.match("上甘岭区锦绣花园3号楼").accepted, "an old name of what is now 友好区"
    for other in ("伊美区", "铁力市", "嘉荫县", "哈尔滨市"):
        found = yichun.match(f"{other}锦绣花园3号楼")
        assert not found.accepted
        assert any(other in note for note in found.notes)
