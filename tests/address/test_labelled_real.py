"""The targets of address matching on 2,700 labelled queries, which others made over real names of Yichun."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from gridplan.address.confidence import expected_error
from gridplan.locator import Locator

pytestmark = pytest.mark.real


def test_labelled_queries_reach_their_targets(real_data: Path) -> None:
    folder = real_data / "address_dev"
    locator = Locator.from_table(folder / "table.jsonl")
    hits: dict[str, list[bool]] = defaultdict(list)
    sure: list[tuple[float, bool]] = []
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        asked = json.loads(line)
        found, kind, gold = locator.match(asked["query"]), asked["expect"], set(asked["gold"])
        right = kind in {"unique", "compound"} and found.address_id in gold
        hits[f"{kind} first"].append(right)
        hits[f"{kind} accepted rightly"].append(found.accepted and right)
        hits[f"{kind} accepted wrongly"].append(found.accepted and not right)
        hits[f"{kind} listed"].append(gold <= {each.address_id for each in found.candidates})
        if found.address_id is not None:
            sure.append((found.confidence, right))
    share = {name: sum(values) / len(values) for name, values in hits.items()}
    assert share["unique first"] >= 0.993
    assert share["unique accepted rightly"] >= 0.975
    assert share["unique accepted wrongly"] <= 0.002
    assert share["none accepted wrongly"] <= 0.005
    assert share["ambiguous accepted wrongly"] <= 0.005
    assert share["ambiguous listed"] >= 0.99
    assert share["compound first"] >= 0.99
    assert expected_error(*map(list, zip(*sure, strict=True))) <= 0.02
