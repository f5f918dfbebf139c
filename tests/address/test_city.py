"""Accuracy, calibration and invariances on an invented city, with queries of seeds that nothing was fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridplan.address.confidence import expected_error
from gridplan.address.matcher import StandardMatcher
from gridplan.address.perturb import Perturber, Sample
from gridplan.locator import Locator


@pytest.fixture(scope="module")
def asked(city: Locator) -> list[Sample]:
    matcher = city.matcher
    assert isinstance(matcher, StandardMatcher)
    made = Perturber(matcher.index, matcher.gazetteer, np.random.default_rng(987)).samples(2_000)
    return [sample for sample in made if not sample.hidden]


def test_accuracy_and_calibration_hold_on_an_unseen_seed(city: Locator, asked: list[Sample]) -> None:
    matcher = city.matcher
    assert isinstance(matcher, StandardMatcher)
    right, sure, best, accepted_wrong, answered = [], [], 0, 0, 0
    for sample in asked:
        found = city.match(sample.query)
        single = sample.expected in {"unique", "compound"}
        hit = single and found.address_id == matcher.index.ids[sample.row]
        answered += single
        best += hit
        accepted_wrong += found.accepted and not hit
        right.append(hit)
        sure.append(found.confidence)
    assert answered > 1_200
    assert best / answered >= 0.985
    assert accepted_wrong / len(asked) <= 0.005
    assert expected_error(sure, right) <= 0.03


def test_a_hidden_compound_is_seldom_taken_for_another(city: Locator, city_frame: pd.DataFrame) -> None:
    names = city_frame["address"].str.extract(r"号([\u4e00-\u9fff]{3,8})(?:\d+(?:号楼|栋|幢))$")[0].dropna().unique()
    gone = set(np.random.default_rng(5).choice(names, 25, replace=False).tolist())
    mask = city_frame["address"].map(lambda text: any(name in text for name in gone))
    rest = Locator.from_table(city_frame[~mask & (city_frame["aliases"] == "")])
    wrong = [name for name in sorted(gone) if rest.match(f"{name}3号楼2单元401").accepted]
    assert len(wrong) <= 1


def test_the_order_of_rows_changes_no_answer(city: Locator, city_frame: pd.DataFrame, asked: list[Sample]) -> None:
    turned = Locator.from_table(city_frame.iloc[::-1])
    for sample in asked[:150]:
        one, other = city.match(sample.query), turned.match(sample.query)
        assert {each.address_id for each in one.candidates} == {each.address_id for each in other.candidates}
        if one.status == "matched" and other.status == "matched":
            assert one.address_id == other.address_id


def test_a_saved_index_answers_the_same(city: Locator, asked: list[Sample], tmp_path: Path) -> None:
    city.save(tmp_path / "city.idx")
    again = Locator.open(tmp_path / "city.idx")
    for sample in asked[:200]:
        assert again.match(sample.query) == city.match(sample.query)
    assert list(tmp_path.iterdir()) == [tmp_path / "city.idx"]


def test_changes_answer_like_a_table_read_anew(city_frame: pd.DataFrame, asked: list[Sample]) -> None:
    from gridplan.address.build import Row

    base, extra = city_frame.iloc[:-300], city_frame.iloc[-300:]
    grown = Locator.from_table(base)
    for row in extra.itertuples(index=False):
        aliases = tuple(filter(None, row.aliases.split(";")))
        grown.put(Row(row.address_id, row.address, aliases, row.grid_code))
    gone = base["address_id"].iloc[::40].tolist()
    for address_id in gone:
        grown.remove(address_id)
    fresh = Locator.from_table(city_frame[~city_frame["address_id"].isin(gone)])
    texts = [*extra["address"], *base["address"].iloc[:400], *(sample.query for sample in asked[:200])]
    for text in texts:
        one, other = grown.match(text), fresh.match(text)
        assert {each.address_id for each in one.candidates} == {each.address_id for each in other.candidates}, text
