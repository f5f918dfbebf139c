"""
Texts that nobody should send, for ``measure_address.py``: how long the worst of them takes.

Long ones, control characters, emoji, SQL and the syntax of search engines; and the worst that a table itself allows:
its own names, roads, areas and numbers in one heap, each of which leads to many places.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from gridplan.address.index import Index

_PLAIN = (
    "", " ", "\x00\x07\x1b", "\ud800\udfff", "😀🏠" * 50_000,
    "'; DROP TABLE addresses; --", '"NEAR(a b)" OR * AND NOT (',
    "((((((" * 20_000, "3" * 100_000, "号楼" * 50_000, "-" * 100_000, "1-" * 50_000, "一" * 100_000,
    "杠一" * 50_000, "\u202e锦绣花园3号楼", "3号楼2单元" * 20_000, "附" * 100_000, "1附" * 50_000,
    "小区花园家园" * 20_000, "村1组" * 30_000,
)  # fmt: skip


def texts(index: Index, rng: np.random.Generator, count: int = 60) -> Iterator[str]:
    """Yield hostile texts, the last of them heaps of the table's own words."""
    yield from _PLAIN
    words = (index.names.texts, index.roads.texts, [area[k] for area in index.areas for k in range(5) if area[k]])
    for _ in range(count):
        for each in words:
            drawn = [each[int(k)] for k in rng.integers(len(each), size=80)]
            yield "".join(drawn)
            yield "".join(f"{word}{rng.integers(1, 30)}号" for word in drawn)
            yield drawn[0] * 100
            # Every name one character away is a candidate.
            yield "".join(word[:-1] + "每" for word in drawn)


def worst(ask: Callable[[str], object], asked: Iterator[str]) -> tuple[float, str, int]:
    """Return the most milliseconds of CPU that a text took, its beginning, and how many were asked."""
    most, text, count = 0.0, "", 0
    for each in asked:
        count += 1
        begun = time.process_time()
        ask(each)
        taken = 1e3 * (time.process_time() - begun)
        if taken > most:
            most, text = taken, each[:40]
    return most, text, count
