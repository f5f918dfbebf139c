"""Tables of street addresses saved, opened and changed: they answer like a table read anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridplan.address.build import Row
from gridplan.errors import LocateError
from gridplan.locator import Locator

ROADS = ("裕農路", "東寧路", "崇德路一段", "崇德路二段", "林森路", "大學路西段")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    rows = []
    for k in range(400):
        lane = f"{rng.integers(1, 60)}巷" if rng.random() < 0.4 else ""
        branch = f"之{rng.integers(1, 4)}" if rng.random() < 0.2 else ""
        rows.append(f"臺南市東區大同里{k % 30}鄰{ROADS[k % 6]}{lane}{rng.integers(1, 400)}號{branch}")
    texts = list(dict.fromkeys(rows))
    grids = [f"G{k // 20}" for k in range(len(texts))]
    return pd.DataFrame({"address_id": [f"A{k}" for k in range(len(texts))], "address": texts, "grid_code": grids})


def asked(frame: pd.DataFrame) -> list[str]:
    return [text[3:] for text in frame["address"]] + ["裕農路9999號", "沒有路3號", "", "崇德路12號"]


def test_a_saved_table_answers_the_same(frame: pd.DataFrame, tmp_path: Path) -> None:
    locator = Locator.from_table(frame)
    locator.save(tmp_path / "streets.idx")
    again = Locator.open(tmp_path / "streets.idx")
    assert again.grammar == "taiwan"
    assert [again.match(text) for text in asked(frame)] == [locator.match(text) for text in asked(frame)]
    assert list(tmp_path.iterdir()) == [tmp_path / "streets.idx"]


def test_changes_answer_like_a_table_read_anew_also_when_saved(frame: pd.DataFrame, tmp_path: Path) -> None:
    grown = Locator.from_table(frame.iloc[:-60])
    for name, text, code in frame.iloc[-60:].to_numpy(dtype=str).tolist():
        grown.put(Row(name, text, (), code))
    moved = Row("A3", "臺南市東區大同里1鄰新設路5號", (), "G9")
    grown.put(moved)
    for address_id in ("A1", "A2"):
        grown.remove(address_id)
    with pytest.raises(LocateError, match="found none"):
        grown.remove("A1")
    grown.save(tmp_path / "grown.idx")
    kept = frame[~frame["address_id"].isin(["A1", "A2", "A3"])]
    changed = pd.DataFrame([("A3", moved.address, "G9")], columns=frame.columns)
    fresh = Locator.from_table(pd.concat([kept, changed]))
    opened = Locator.open(tmp_path / "grown.idx")
    with pytest.raises(LocateError, match="found none"):
        opened.remove("A1")
    for text in [*asked(frame), "新設路5號"]:
        candidates = {each.address_id for each in fresh.match(text).candidates}
        for locator in (grown, opened):
            assert {each.address_id for each in locator.match(text).candidates} == candidates, text
    assert opened.match("新設路5號").address_id == "A3"
