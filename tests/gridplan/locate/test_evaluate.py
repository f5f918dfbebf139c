"""The score of answers to labelled queries, on answers whose score is plain to see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

import pytest

from gridplan.address.answer import Candidate, Match
from gridplan.errors import LocateError
from gridplan.locate.evaluate import evaluate, read_labels

RECORDS = [
    {"query": "right", "expect": "unique", "gold": ["a"], "gold_grid": ["g1"], "kind": "door", "tags": ["typo"]},
    {"query": "wrong", "expect": "unique", "gold": ["b"], "gold_grid": ["g1"], "kind": "door", "tags": []},
    {"query": "other grid", "expect": "unique", "gold": ["c"], "gold_grid": ["g2"], "kind": "door"},
    {"query": "shy", "expect": "unique", "gold": ["a"], "gold_grid": ["g1"], "kind": "door"},
    {"query": "nothing", "expect": "none", "gold": [], "kind": "chatter"},
    {"query": "rash", "expect": "none", "gold": [], "kind": "chatter"},
    {"query": "two", "expect": "ambiguous", "gold": ["a", "b"], "kind": "stem"},
    {"query": "estate", "expect": "compound", "gold": ["e"], "gold_grid": ["g1"]},
]


class Answers:
    """Answers a always in grid g1, surely, but for the queries that say otherwise."""

    threshold = 0.9

    def match(self, text: str) -> Match:
        if text == "nothing":
            return Match(text)
        row = "e" if text == "estate" else "a"
        both = (Candidate("a", "", "g1", "door"), Candidate("b", "", "g1", "door"))
        sure = text not in {"shy", "two"}
        return Match(text, row, 0.95 if sure else 0.5, sure, "matched", "door", "", "g1", sure, both)

    def match_many(self, texts: Iterable[str]) -> Sequence[Match]:
        return [self.match(text) for text in texts]


@pytest.fixture(params=["jsonl", "csv"])
def labelled(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"labels.{request.param}"
    if request.param == "jsonl":
        path.write_text("".join(f"{json.dumps(record)}\n" for record in RECORDS), encoding="utf-8")
        return path
    cells = [
        ",".join("|".join(value) if isinstance(value, list) else str(value) for value in values)
        for record in RECORDS
        for values in [[record.get(key, "") for key in ("query", "expect", "gold", "gold_grid", "kind", "tags")]]
    ]
    path.write_text("\n".join(["query,expect,gold,gold_grid,kind,tags", *cells]), encoding="utf-8")
    return path


def test_the_score_counts_what_it_says(labelled: Path) -> None:
    ticks = count()
    report = evaluate(Answers(), read_labels(labelled), clock=lambda: next(ticks) / 1000)
    assert report["unique"] == {
        "n": 4,
        "top1": 0.5,
        "grid": 0.75,
        "accepted_right": 0.25,
        "accepted_wrong": 0.5,
        "accepted_wrong_grid": 0.25,
    }
    assert report["none"] == {"n": 2, "false_match": 0.5}
    assert report["ambiguous"] == {"n": 1, "accepted": 0.0, "covered": 1.0}
    assert report["compound"] == {"n": 1, "right": 1.0, "accepted_wrong": 0.0}
    assert (report["queries"], report["accepted"], report["error_among_accepted"]) == (8, 0.625, 0.6)
    # Five answers of 0.95 of which two are right, two of 0.5 of which one is.
    assert report["calibration_error"] == pytest.approx((5 * 0.55 + 2 * 0.0) / 7)
    assert report["ms"] == {"p50": 1.0, "p95": 1.0, "p99": 1.0, "max": 1.0}
    assert list(report["by_kind"]) == ["door", "chatter", "stem", "typo"]
    assert report["by_kind"]["chatter"]["right"] == 0.5


def test_labels_that_are_none_are_said(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"query": "a", "expect": "perhaps"}\n{"gold": []}\n')
    with pytest.raises(LocateError, match=r"line 1: expect is 'perhaps'; line 2: 'query'"):
        read_labels(path)
    path.write_text("not json")
    with pytest.raises(LocateError, match="one JSON object a line"):
        read_labels(path)
