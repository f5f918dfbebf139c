"""Categories from texts: honest about how good they are, and about what they do not know."""

from __future__ import annotations

import numpy as np
import pytest

from gridplan.errors import IncidentError
from gridplan.incidents.handling import read_handling
from gridplan.incidents.suggest import Suggester, phrases, shipped


def test_the_shipped_model_says_what_it_knows_and_what_not() -> None:
    category, urgency = shipped()
    assert set(phrases()[1]) <= set(read_handling().categories.by_code)
    assert category.suggest("阳光小区三号楼水管爆了").label == "water"
    assert urgency.suggest("楼道里煤气味很重，燃气泄漏").label == "emergency"
    unsure = category.suggest("你好")
    assert unsure.label is None
    assert len(unsure.others) == 3
    assert category.score.accuracy > 0.55, "twenty categories; chance is 0.05"
    assert category.score.right >= 0.9
    assert 0.2 < category.score.answered < category.score.accuracy + 0.2


def test_the_confidence_means_what_it_says() -> None:
    """Words that name their label in seven cases of ten, and another in three: nobody can be surer than that."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 300)
    shown = np.where(rng.random(300) < 0.7, labels, (labels + 1) % 3)
    texts = [f"{'甲乙丙'[k]}{'甲乙丙'[k]}{n % 7}" for n, k in enumerate(shown)]
    model = Suggester.learn(texts, labels.astype(str).tolist(), right=0.6)
    found = [model.suggest(text) for text in ("甲甲", "乙乙", "丙丙")]
    assert [each.others[0][0] for each in found] == ["0", "1", "2"]
    assert all(0.55 < each.confidence < 0.85 for each in found)
    assert model.score.accuracy == pytest.approx(0.7, abs=0.08)
    never = Suggester.learn(texts, labels.astype(str).tolist(), right=0.99)
    assert never.suggest("甲甲").label is None


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(IncidentError, match="two labels of at least 8 texts"):
        Suggester.learn(["a"] * 20, ["x"] * 20)
