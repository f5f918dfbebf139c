"""Rules: every key documented and settable, unknown keys refused with the nearest known, contradictions named."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gridplan.errors import RulesError
from gridplan.rules import Band, Rules, read_rules, rules_from

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rules.md"


def test_the_reference_says_what_the_docstrings_say() -> None:
    """``python scripts/rules_reference.py > docs/rules.md`` mends it."""
    spec = importlib.util.spec_from_file_location("rules_reference", ROOT / "scripts" / "rules_reference.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert PAGE.read_text(encoding="utf-8") == script.reference()


def test_the_example_of_the_reference_is_a_rules_file() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    rules = rules_from(tomllib.loads(example))
    assert (rules.minimum, rules.must_join, rules.weights.barriers) == (250, (("B0012", "B0013"),), 2.0)


def test_no_table_is_the_defaults() -> None:
    assert rules_from({}) == Rules()
    assert Rules().band == Band(300, 400, 500)


EVERY_KEY: Mapping[str, Any] = {
    "minimum": 10,
    "target": 20,
    "maximum": 30,
    "persons_minimum": 1,
    "persons_maximum": 2,
    "work_minimum": 3,
    "work_maximum": 4,
    "rural_band": True,
    "divide_towers": False,
    "code": "{community}{sequence:02d}",
    "n_grids": {"c": 2},
    "must_join": [["a", "b"]],
    "must_part": [["a", "c"]],
    "weights": dict.fromkeys(Rules().weights.__dataclass_fields__, 0.25),
    "work": {**dict.fromkeys(Rules().work.__dataclass_fields__, 7), "special": {"disabled": 7}},
    "barriers": {"ranks": {"hedge": 0.1}, "default_rank": 0, "tolerance_m": 3},
    "revise": {"mode": "free", "budget": 0.5},
    "approval": {"approver_differs": True, "notice_days": 7},
    "communities": {"minimum": 1, "target": 2, "maximum": 3, "code": "{parent}-{sequence}", "number": {"t": 2}},
    "micro": {"minimum": 10, "target": 0, "maximum": 30, "code": "{parent}{sequence:03d}", "number": {"g": 1}},
    "spacing_m": 2,
    "seed": 9,
}


def test_every_key_is_taken() -> None:
    assert set(EVERY_KEY) == set(Rules.__dataclass_fields__)
    rules = rules_from(EVERY_KEY)
    assert all(getattr(rules, name) != getattr(Rules(), name) for name in EVERY_KEY)
    assert rules.barriers.ranks["hedge"] == 0.1
    assert rules.barriers.ranks["river"] == 1.0, "kinds that are not named keep their rank"
    assert isinstance(rules.spacing_m, float)


def test_later_rules_go_before_earlier_key_by_key() -> None:
    base = rules_from({"minimum": 100, "target": 150, "maximum": 200, "weights": {"balance": 2.0}})
    rules = rules_from({"maximum": 250, "weights": {"boundary": 3.0}}, base=base)
    assert rules.band == Band(100, 150, 250)
    assert (rules.weights.balance, rules.weights.boundary) == (2.0, 3.0)


@pytest.mark.parametrize(("low", "high", "target"), [(30, 50, 40), (380, 500, 400), (450, 700, 575)])
def test_a_target_that_was_not_given_follows_the_band(low: int, high: int, target: int) -> None:
    assert rules_from({"minimum": low, "maximum": high}).target == target


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "near key": ({"maximun": 500}, "unknown key 'maximun'; did you mean 'maximum'"),
    "far key": ({"qqq": 1}, "known are minimum"),
    "nested key": ({"weights": {"balanced": 1}}, r"rules\.weights: unknown key 'balanced'; did you mean 'balance'"),
    "key without effect": ({"barriers": {"impassable": ["wall"]}}, "unknown key 'impassable'"),
    "text for number": ({"minimum": "300"}, r"rules\.minimum: expected a whole number, found '300'"),
    "fraction for whole": ({"seed": 1.5}, "expected a whole number, found 1.5"),
    "true for number": ({"minimum": True}, "expected a whole number, found True"),
    "number for true": ({"divide_towers": 1}, "expected true or false, found 1"),
    "number for table": ({"work": 5}, r"rules\.work: expected a table"),
    "text for count": ({"n_grids": {"c": "two"}}, r"rules\.n_grids\.c: expected a whole number"),
    "three to join": ({"must_join": [["a", "b", "c"]]}, "pairs of building ids"),
    "one id to join": ({"must_join": ["ab", "cd"]}, "pairs of building ids"),
    "text to join": ({"must_join": "a"}, "expected a list"),
    "band upside down": ({"minimum": 500, "maximum": 300}, "minimum <= target <= maximum"),
    "minimum of none": ({"minimum": 0}, "0 < minimum"),
    "target outside": ({"target": 600}, "found minimum 300, target 600, maximum 500"),
    "persons upside down": ({"persons_minimum": 5, "persons_maximum": 4}, "persons_minimum 5 is above"),
    "negative weight": ({"weights": {"balance": -1}}, "weights must not be negative"),
    "negative work": ({"work": {"per_person": -1.0}}, "work must not be negative"),
    "rank above one": ({"barriers": {"ranks": {"river": 1.5}}}, r"0\.\.1"),
    "no grids": ({"n_grids": {"c": 0}}, "at least 1"),
    "joined and parted": ({"must_join": [["a", "b"]], "must_part": [["b", "a"]]}, "must join and must part at once"),
    "negative seed": ({"seed": -1}, "must not be negative"),
    "code without sequence": ({"code": "{community}"}, "must hold both"),
    "code without community": ({"code": "{sequence}"}, "must hold both"),
    "code with another field": ({"code": "{community}{sequence}{kind}"}, "only"),
    "code with half a brace": ({"code": "{community}{sequence"}, "only"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_and_named(case: str) -> None:
    table, message = REFUSED[case]
    with pytest.raises(RulesError, match=message):
        rules_from(table)


@pytest.mark.parametrize("text", ["minimum = 250", "[rules]\nminimum = 250", "\ufeffminimum = 250"])
def test_a_file_holds_rules_at_its_top_or_in_a_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    assert read_rules(tmp_path / "rules.toml").minimum == 250


@pytest.mark.parametrize("content", [None, b"minimum = ", b"\xff\xfe"], ids=["absent", "no TOML", "no text"])
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "rules.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RulesError, match=r"rules\.toml: no readable TOML"):
        read_rules(path)


@pytest.mark.parametrize(
    ("total", "counts"),
    [(0, []), (299, []), (300, [1]), (500, [1]), (501, []), (599, []), (600, [2]), (1500, [3, 4, 5])],
)
def test_a_band_tells_which_numbers_of_grids_fit(total: int, counts: list[int]) -> None:
    assert list(Band().counts(total)) == counts
