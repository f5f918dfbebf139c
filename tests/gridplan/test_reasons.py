"""Reasons in words: every one in both languages, in the document of the plan, and named where a plan departs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from drawn import box, district, houses, plan

from gridplan.reasons import reason_text
from gridplan.words import LANGUAGES, Pair, groups

ROOT = Path(__file__).parents[2]
REASONS, RULES = groups()["reason"], groups()["rule"]
PAGE = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")


def test_a_rule_and_a_reason_read_as_a_sentence() -> None:
    assert reason_text("band", "no_households", "en") == "households: there are no households here"
    assert reason_text("band", "no_households", "zh") == "户数：此处没有住户"


@pytest.mark.parametrize("words", [REASONS, RULES], ids=["reasons", "rules"])
def test_no_two_read_alike(words: Mapping[str, Pair]) -> None:
    for language in LANGUAGES:
        assert len({pair.said(language) for pair in words.values()}) == len(words)


@pytest.mark.parametrize("reason", REASONS)
def test_the_document_has_each_reason_in_both_languages_with_an_example(reason: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{reason}` |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == [REASONS[reason].en, REASONS[reason].zh]
    assert re.search(r"\d+ / \d+$", cells[3])


def test_every_reason_that_the_library_gives_has_words() -> None:
    """Texts in the sources that look like reasons: given to Breach, Departure or a record of a split."""
    given = set()
    for path in (ROOT / "gridplan").rglob("*.py"):
        if path.name != "reasons.py":
            given |= set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', path.read_text(encoding="utf-8"))) & set(REASONS)
    assert given == set(REASONS), "a reason that nothing gives"


def test_the_document_names_every_column_and_measure() -> None:
    made = plan(district(houses(4, 1), 200, box(0, 0, 400, 100)))
    layers = (made.grids, made.units, made.violations, made.lineage)
    names = {name for layer in layers for name in layer.columns if name != "geometry"}
    names |= set(made.report) | set(made.report["measures"])
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
