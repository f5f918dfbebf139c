"""The Taiwanese grammar: one house in all the ways people write it, and never a house that the table lacks."""

from __future__ import annotations

import pytest

from gridplan.address.answer import Matcher
from gridplan.address.build import Row
from gridplan.address.street import Number
from gridplan.address.street_choice import street_grammar
from gridplan.address.street_match import StreetMatcher
from gridplan.address.street_taiwan import Taiwan

CITY = "臺南市東區"
TABLE = {
    "lane": ("裕農里5鄰裕農路二段123巷4弄5號", "g1"),
    "branch": ("裕農里5鄰裕農路二段45之26號", "g1"),
    "unit-form": ("裕農里5鄰裕農路二段47號之2", "g1"),
    "10": ("富強里3鄰崇德二十二街10號", "g2"),
    "12": ("富強里3鄰崇德二十二街12號", "g2"),
    "16": ("富強里3鄰崇德二十二街16號", "g3"),
    "section1": ("富強里9鄰中華東路一段20號", "g4"),
    "section2": ("自強里9鄰中華東路二段20號", "g5"),
    "only2": ("自強里9鄰中華東路二段203巷19弄39號", "g5"),
    "west": ("成大里1鄰東寧路西段18巷18號", "g6"),
    "floor3": ("成大里2鄰勝利路7號三樓", "g6"),
    "floor5": ("成大里2鄰勝利路7號五樓", "g6"),
    "settled": ("知義里8鄰知義36之12號", "g6"),
    "village": ("三慶里1鄰1號", "g6"),
    "twice-a": ("大福里2鄰林森路8號", "g7"),
    "twice-b": ("大福里2鄰林森路8號", "g7"),
    "torn-a": ("大福里2鄰林森路18號", "g7"),
    "torn-b": ("大福里2鄰林森路18號", "g8"),
}


@pytest.fixture(scope="module")
def matcher() -> StreetMatcher:
    rows = [Row(name, CITY + address, (), grid, 120.2, 23.0) for name, (address, grid) in TABLE.items()]
    return StreetMatcher(rows, Taiwan())


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("臺南市東區裕農路二段123巷4弄5號", "lane"),
        ("台南市东区裕农路2段１２３巷４弄５号", "lane"),
        ("701台南市東區裕農里5鄰裕農路二段一百二十三巷四弄五號之3樓", "lane"),
        ("裕農路 2段 123巷 4弄 5號 三樓", "lane"),
        ("喂你好，我住裕農路二段123巷4弄5號旁邊，0912345678 王小明", "lane"),
        ("裕農路二段45-26號", "branch"),
        ("裕農路二段45號之26", "branch"),
        ("裕農路二段47之2號", "unit-form"),
        ("崇德22街10號", "10"),
        ("崇德二十二街10", "10"),
        ("中華東路203巷19弄39號", "only2"),
        ("東寧路西段18巷18號", "west"),
        ("勝利路7號5樓", "floor5"),
        ("林森路8號", "twice-a"),
        ("東區知義里36-12號", "settled"),
        ("三慶里1鄰1號", "village"),
        ("臺南市東區自強里1鄰裕農路二段123巷4弄5號", "lane"),
    ],
)
def test_a_house_is_found_however_it_is_written(matcher: StreetMatcher, query: str, row: str) -> None:
    found = matcher.match(query)
    assert (found.address_id, found.accepted, found.grid_code) == (row, True, TABLE[row][1]), found.notes


@pytest.mark.parametrize(
    "query",
    [
        "裕農路二段123巷4弄7號",
        "裕農路二段45-27號",
        "裕農路二段45號",
        "崇德二十二街10-1號",
        "高雄市左營區裕農路二段123巷4弄5號",
        "裕農路二段123巷4弄5號；中華東路二段203巷19弄39號",
        "中華東路三段20號",
        "裕民路二段123巷4弄5號",
        "林森路18號",
        "裕農路",
        "",
        "' OR 1=1 --",
        "🙂" * 50,
        "號" * 100_000,
        "\x00\ud800",
    ],
)
def test_what_the_table_does_not_say_is_not_accepted(matcher: StreetMatcher, query: str) -> None:
    found = matcher.match(query)
    assert not found.accepted
    assert not found.grid_certain


def test_a_missing_section_is_asked_for(matcher: StreetMatcher) -> None:
    found = matcher.match("中華東路20號")
    assert (found.status, found.split_by) == ("ambiguous", "road")
    assert {each.address_id for each in found.candidates} == {"section1", "section2"}
    assert not found.grid_certain


def test_several_numbers_in_one_grid_leave_the_grid_certain(matcher: StreetMatcher) -> None:
    both = matcher.match("崇德二十二街10、12號")
    assert (both.status, both.accepted, both.grid_certain, both.grid_code) == ("ambiguous", False, True, "g2")
    across = matcher.match("崇德二十二街10至16號")
    assert {each.address_id for each in across.candidates} == {"10", "12", "16"}
    assert not across.grid_certain


def test_flats_of_a_house_leave_its_grid_certain(matcher: StreetMatcher) -> None:
    found = matcher.match("勝利路7號")
    assert (found.status, found.accepted, found.grid_code) == ("ambiguous", False, "g6")


def test_the_pieces_understood_are_those_of_the_text(matcher: StreetMatcher) -> None:
    text = "住在裕農路２段１２３巷四弄５號"
    found = matcher.match(text)
    assert [(span.kind, text[span.start : span.end]) for span in found.evidence] == [
        ("road", "裕農路"),
        ("road", "２"),
        ("road", "１２３"),
        ("road", "四"),
        ("door", "５"),
    ]
    assert all(span.text == text[span.start : span.end] for span in found.evidence)


@pytest.mark.parametrize(
    ("address", "way", "number", "unit"),
    [
        ("臺南市新市區大社里1鄰大社12號", ("大社", "", "", "", ""), Number(12, 12), ""),
        ("臺南市左鎮區中正里5鄰中正路8號之1二樓之3", ("中正路", "", "", "", ""), Number(8, 8, "1"), "2F-3"),
        ("臺東縣太麻里鄉大王村3鄰太麻里街6巷2衖9號", ("太麻里街", "", "6", "", "2"), Number(9, 9), ""),
        ("臺南市七股區十份里5鄰十份109號", ("10份", "", "", "", ""), Number(109, 109), ""),
        ("臺南市官田區二鎮里3鄰二鎮20號", ("2镇", "", "", "", ""), Number(20, 20), ""),
        ("臺南市東區路東里9鄰林森路一段58巷12號", ("林森路", "1", "58", "", ""), Number(12, 12), ""),
        ("臺南市關廟區五甲里中山路二段12號", ("中山路", "2", "", "", ""), Number(12, 12), ""),
        ("臺南市佳里區六安里六安街東一巷8號", ("6安街", "", "东1", "", ""), Number(8, 8), ""),
        ("臺南市南區大林路95巷西二弄5號", ("大林路", "", "95", "西2", ""), Number(5, 5), ""),
        ("臺南市學甲區三慶里1鄰1號", ("3庆里1邻", "", "", "", ""), Number(1, 1), ""),
        ("高雄市三民區建國二路301號B1樓", ("建国2路", "", "", "", ""), Number(301, 301), "B1F"),
        ("新竹市平鎮里光復路一段99號地下一樓", ("光复路", "1", "", "", ""), Number(99, 99), "B1F"),
    ],
)
def test_standard_addresses_are_taken_apart(address: str, way: tuple[str, ...], number: Number, unit: str) -> None:
    place = Taiwan().row(address)
    assert place is not None
    assert (place.way, place.numbers, place.unit) == (way, (number,), unit)


def test_the_matcher_is_a_matcher_and_its_grammar_is_chosen(matcher: StreetMatcher) -> None:
    assert isinstance(matcher, Matcher)
    grammar = street_grammar([CITY + address for address, _ in TABLE.values()])
    assert grammar is not None
    assert grammar.name == "taiwan"
    plain = [(CITY + address).replace("號", "号").replace("鄰", "邻") for address, _ in TABLE.values()]
    assert isinstance(street_grammar(plain), Taiwan)
    assert street_grammar(["吉林市昌邑区兴华街道重庆路12号楼3单元401室", "乌马河镇阳光小区3号楼"]) is None
