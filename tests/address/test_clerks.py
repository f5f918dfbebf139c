"""What callers say and clerks note, apart from the queries that the confidence is fitted to."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from gridplan.address.crowd import crowd_of
from gridplan.address.matcher import StandardMatcher
from gridplan.locator import Locator

SCRIPT = Path(__file__).parents[2] / "scripts" / "address_clerks.py"


@pytest.fixture(scope="module")
def clerks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("address_clerks", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["address_clerks"] = module
    spec.loader.exec_module(module)
    return module


def test_notes_made_by_other_rules_are_answered_as_surely(
    clerks: ModuleType, city: Locator, city_frame: pd.DataFrame
) -> None:
    fate: Counter[tuple[str, bool, bool]] = Counter()
    for note in clerks.Clerks(city_frame, np.random.default_rng(33)).notes(700):
        found = city.match(note.query)
        fate[note.kind if note.expected == "none" else "one", found.accepted, found.address_id in note.gold] += 1
    one = sum(count for (kind, _, _), count in fate.items() if kind == "one")
    assert fate["one", True, True] / one >= 0.97, fate
    assert fate["one", True, False] == 0, fate
    assert fate["two addresses", True, False] == 0, fate
    assert fate["two addresses", False, False] > 10
    assert fate["elsewhere", True, False] == 0, fate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("锦绣花园三杠二杠四零一", "C1-3"),
        ("我们家在锦绣花园3号楼，都反映三次了", "C1-3"),
        ("新阳社区锦绣花园3号楼", "C1-3"),
        ("柳河镇锦绣花园3号楼", "C1-3"),
        ("锦绣家园对面的锦绣花园3号楼", "C1-3"),
        ("翠湖小区逸期2幢", "P1-2"),
        ("光明路12号锦秀花圆3号楼", "C1-3"),
    ],
)
def test_what_is_said_around_an_address_is_no_part_of_it(town: Locator, text: str, expected: str) -> None:
    found = town.match(text)
    assert (found.address_id, found.accepted) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "锦绣花园3号楼和锦绣家园2栋都停水",
        "从翠湖小区一期2幢搬到锦绣花园3号楼",
        "柳河镇梅青山村3组15号",
        "锦绣苑一期3号楼",
    ],
)
def test_another_place_in_the_text_forbids_acceptance(town: Locator, text: str) -> None:
    assert not town.match(text).accepted


def test_a_place_of_public_life_is_a_poi(town: Locator) -> None:
    found = town.match("红星社区卫生服务站")
    assert (found.address_id, found.level, found.accepted) == ("S", "poi", True)
    assert town.match("锦绣花园").level == "compound"


def test_areas_of_one_character_are_areas() -> None:
    rows = [
        (f"{name}{k}", f"{head}桃林路{k * 3}号翠湖小区{k}号楼")
        for name, head in (("J", "山西省阳泉市郊区荫营镇东社区"), ("K", "山西省阳泉市矿区桥头街道洪社区"))
        for k in range(1, 7)
    ]
    rows += [(f"Z{k}", f"河北省石家庄市赵县赵州镇南村{k}组1号") for k in range(1, 7)]
    locator = Locator.from_table(pd.DataFrame(rows, columns=["address_id", "address"]))
    for text, expected in (("郊区翠湖小区3号楼", "J3"), ("矿区翠湖小区3栋", "K3"), ("赵县南村五组1号", "Z5")):
        found = locator.match(text)
        assert (found.address_id, found.accepted) == (expected, True), text
    assert locator.match("翠湖小区3号楼").split_by == "district"


def test_the_denser_the_names_the_longer_they_must_be() -> None:
    def matcher(stems: list[str]) -> StandardMatcher:
        texts = [f"林海市东山区光明路{k}号{stem}小区{n}号楼" for k, stem in enumerate(stems, 1) for n in (1, 2)]
        frame = pd.DataFrame({"address_id": [str(k) for k in range(len(texts))], "address": texts})
        made = Locator.from_table(frame).matcher
        assert isinstance(made, StandardMatcher)
        return made

    sparse = matcher(["林业局", "光复里", "丰禾园", "锦都城"])
    dense = matcher([f"{one}{two}局" for one in "林电农商水" for two in "业务政"])
    assert crowd_of(sparse.gazetteer).slips == 0
    assert crowd_of(dense.gazetteer).slips > 1
    assert not dense.match("煤业局小区1号楼").accepted


def test_heaps_of_the_tables_own_words_are_answered(city: Locator) -> None:
    index = city.matcher.index  # type: ignore[attr-defined]
    rng = np.random.default_rng(2)
    for words in (index.names.texts, index.roads.texts):
        for _ in range(5):
            drawn = [words[int(k)] for k in rng.integers(len(words), size=60)]
            for text in ("".join(drawn), drawn[0] * 60, "号".join(f"{word}{len(word)}" for word in drawn)):
                found = city.match(text * 500)
                assert found.accepted is False or found.address_id is not None
