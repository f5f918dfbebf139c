"""Texts and tables that nobody should send: answered or refused clearly, never an exception from inside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.address.place import place_by_address
from gridplan.address.text import LONGEST, normalize
from gridplan.errors import InputError, LocateError
from gridplan.locator import Locator

WORDS = "锦绣花园 光明路 12 号 3号楼 - 2单元 青山村 3组 附 不对是 A 栋 二十 # 翠湖".split()  # noqa: SIM905
HOSTILE = [
    *(
        "",
        " ",
        "\x00\x07",
        "😀🏠" * 50,
        "'; DROP TABLE addresses; --",
        '"NEAR(a b)" OR *',
        "锦绣花园*",
        "((((((",
        "NaN",
    ),
    *("\\u0000", "3" * 5000, "锦绣花园" * 25_000, "号楼" * 900, "-" * 900, "1-" * 900, "一" * 900, "null"),
    *("\ud800光明路12号", "\u202e锦绣花园3号楼"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_answered(town: Locator, text: str) -> None:
    found = town.match(text)
    assert found.query == text
    assert 0.0 <= found.confidence <= 1.0
    json.dumps(found.to_dict())


def test_what_is_not_a_text_is_answered_with_nothing(town: Locator) -> None:
    for value in (None, 3, float("nan")):
        assert town.match(value).address_id is None  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_answered(town: Locator, text: str) -> None:
    found = town.match(text)
    assert found.accepted is False or found.address_id is not None


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_heap_of_words_is_answered(town: Locator, parts: list[str]) -> None:
    query = "".join(parts)
    found = town.match(query)
    for span in found.evidence:
        assert query[span.start : span.end] == span.text
    assert found.address_id is None or found.address_id in {each.address_id for each in found.candidates}


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400))
def test_each_character_leads_back_to_where_it_was_written(text: str) -> None:
    read = normalize(text)
    assert len(read.chars) == len(read.origin)
    assert list(read.origin) == sorted(read.origin)
    assert all(0 <= place < min(len(text), LONGEST) for place in read.origin)


def rows(**changes: list[object]) -> pd.DataFrame:
    table = {"address_id": ["1", "2"], "address": ["林海市东山区光明路1号", "林海市东山区光明路2号"], **changes}
    return pd.DataFrame(table)


def test_all_faults_of_a_table_are_said_at_once() -> None:
    with pytest.raises(InputError) as refused:
        Locator.from_table(rows(address_id=["1", "1"], address=["林海市光明路1号", None]))
    assert {fault.code for fault in refused.value.faults} == {"duplicate-id", "missing-value"}


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        Locator.from_table(pd.DataFrame({"a": [1]}))
    assert [fault.column for fault in refused.value.faults] == ["address_id", "address"]


def test_swapped_and_missing_coordinates_are_said() -> None:
    locator = Locator.from_table(rows(lon=[47.6, np.nan], lat=[128.7, 40.0]))
    first, second = locator.match("光明路1号"), locator.match("光明路2号")
    assert (first.lon, first.lat) == (128.7, 47.6)
    assert (second.lon, second.lat) == (None, None)
    assert len(locator.remarks) == 2


def test_one_address_with_points_far_apart_is_said_and_not_accepted() -> None:
    twice = rows(address=["林海市东山区光明路1号"] * 2, lon=[128.0, 129.0], lat=[47.0, 47.0], grid_code=["G1", "G2"])
    locator = Locator.from_table(twice)
    assert any("far apart" in remark for remark in locator.remarks)
    assert not locator.match("光明路1号").accepted


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet", "xlsx"])
def test_a_table_is_read_from_any_file(tmp_path: Path, suffix: str) -> None:
    frame = rows(address_id=["0012", "12"], 网格编码=["230001", "230002"])
    path = tmp_path / f"table.{suffix}"
    if suffix == "jsonl":
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in frame.to_dict("records")), "utf-8")
    else:
        writers = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}
        writers[suffix](path, index=False)  # type: ignore[operator]
    locator = Locator.from_table(path)
    found = locator.match("光明路1号")
    assert (found.address_id, found.grid_code) == ("0012", "230001")


def test_an_empty_table_answers_nothing() -> None:
    empty = Locator.from_table(pd.DataFrame({"address_id": [], "address": []}, dtype=str))
    assert empty.match("光明路1号").address_id is None


def test_what_is_no_index_is_refused(tmp_path: Path, town: Locator) -> None:
    broken = tmp_path / "broken.idx"
    town.save(broken)
    broken.write_bytes(broken.read_bytes()[:-4000])
    (tmp_path / "other.idx").write_text("hello", "utf-8")
    for name in ("broken.idx", "other.idx", "absent.idx"):
        with pytest.raises(LocateError, match="expected an index of addresses"):
            Locator.open(tmp_path / name)
    older = tmp_path / "older.idx"
    town.save(older)
    older.write_bytes(older.read_bytes().replace(b"ADDRESSES-2", b"ADDRESSES-1", 1))
    with pytest.raises(LocateError, match="another version of gridplan saved: build it again"):
        Locator.open(older)


def test_an_alias_is_remembered_and_an_unknown_meaning_refused(tmp_path: Path) -> None:
    table = rows(address=["林海市东山区光明路1号朝阳花园1号楼", "林海市东山区光明路9号向阳大厦"])
    locator = Locator.from_table(table)
    assert not locator.match("老机关院1号楼").accepted
    locator.add_alias("老机关院", "朝阳花园")
    with pytest.raises(LocateError, match="found none"):
        locator.add_alias("老厂", "不存在的小区")
    locator.save(tmp_path / "a.idx")
    for each in (locator, Locator.open(tmp_path / "a.idx")):
        assert each.match("老机关院1号楼").address_id == "1"


def test_misses_are_listed_by_frequency_only_where_asked(tmp_path: Path, town: Locator) -> None:
    town.match("不存在的小区1号楼")
    town.log_misses(tmp_path / "misses.jsonl")
    for query in ("仁和府邸", "仁和府邸", "翠屏里", "锦绣花园3号楼"):
        town.match(query)
    assert town.misses() == [("仁和府邸", 2), ("翠屏里", 1)]
    town.log_misses(None)
    assert town.misses() == []


def test_a_list_is_placed_by_its_addresses_and_never_by_guess() -> None:
    table = rows(
        address=["林海市东山区光明路1号朝阳花园", "林海市东山区光明路9号向阳大厦"], lon=[128.0, 128.1], lat=[47.0, 47.0]
    )
    asked = pd.DataFrame(
        {
            "name": ["a", "b", "c", "d"],
            "address": ["朝阳花园", "光明路9号", "旭日花园", None],
            "households": [300, 20, 7, 1],
        },
        index=[7, 8, 9, 10],
    )
    placed, unplaced = place_by_address(asked, Locator.from_table(table))
    assert placed["address_id"].to_dict() == {7: "1", 8: "2"}
    assert placed.geometry.x.to_list() == [128.0, 128.1]
    assert unplaced["households"].to_dict() == {9: 7, 10: 1}
    assert list(unplaced.columns[:4]) == ["address", "households", "reason", "candidates"]
