"""
Queries that found nothing, kept so that the table gets better; only where the user asks for it.

The file holds one JSON value a line, ``{"query": "...", "level": "..."}``: the query and the level it reached, no time,
no person, no answer. Lines are only ever added; what is broken is passed over.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from gridplan.address.answer import Match
from gridplan.address.text import LONGEST


class MissLog:
    """
    A file of unmatched queries.

    Parameters
    ----------
    path
        The file; made when the first query misses.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def add(self, found: Match) -> None:
        """
        Keep a query that was not accepted; accepted ones are passed over.

        Parameters
        ----------
        found
            Its answer.
        """
        if found.accepted or not found.query.strip():
            return
        line = json.dumps({"query": found.query[:LONGEST], "level": found.level}, ensure_ascii=False)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def by_frequency(self, most: int = 100) -> list[tuple[str, int]]:
        """
        Return the queries that missed, the commonest first, with how often each did.

        Parameters
        ----------
        most
            Number of queries returned.
        """
        if not self.path.is_file():
            return []
        counts: Counter[str] = Counter()
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                counts.update(_query(line))
        return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:most]


def _query(line: str) -> list[str]:
    try:
        value = json.loads(line)
    except ValueError:
        return []
    query = value.get("query") if isinstance(value, dict) else None
    return [query] if isinstance(query, str) else []
