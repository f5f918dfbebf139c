"""How good the answers to addresses are: a labelled file scored by accuracy, false matches, calibration and time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from gridplan.address.answer import Match, Matcher
from gridplan.address.confidence import expected_error
from gridplan.errors import LocateError
from gridplan.locate.tables import read_pieces

#: What a query asks for: one row; several rows fit and it must be asked; a larger place, since the building is not in
#: the table; nothing in the table.
Expect = Literal["unique", "ambiguous", "compound", "none"]
EXPECTS: tuple[Expect, ...] = get_args(Expect)


@dataclass(frozen=True)
class Label:
    """
    A query with the answer that is known to be right.

    Parameters
    ----------
    query
        The text.
    expect
        What it asks for.
    gold
        Ids of the rows that are right; empty for ``none``.
    gold_grid
        Grids that are right.
    tags
        Kinds of perturbation, by which results are told apart.
    """

    query: str
    expect: Expect
    gold: tuple[str, ...] = ()
    gold_grid: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """
    A query, its answer, and the time it took.

    Parameters
    ----------
    label
        The query.
    match
        The answer.
    ms
        Milliseconds of wall time.
    """

    label: Label
    match: Match
    ms: float

    @property
    def right(self) -> bool:
        """Whether the best guess is a right row; never for what has no single right row."""
        single = self.label.expect in {"unique", "compound"}
        return single and self.match.address_id in self.label.gold

    @property
    def grid_right(self) -> bool:
        """Whether the grid of the answer, or else of its best guess, is a right one."""
        best = self.match.candidates[0].grid_code if self.match.candidates else None
        return (self.match.grid_code or best) in self.label.gold_grid


def read_labels(path: Path) -> list[Label]:
    """
    Read a labelled file.

    Parameters
    ----------
    path
        JSON lines, or a table (CSV, Parquet, Excel), with ``query`` and ``gold`` (ids; in a table parted by blanks or
        ``|``) and, where known, ``expect`` (else ``unique`` where there is a gold id, ``none`` where there is none),
        ``gold_grid``, ``kind`` and ``tags``.

    Raises
    ------
    LocateError
        If the file cannot be read, or a line is no such label; the first five are named.
    """
    records = _lines(path) if path.suffix.lower() in {".jsonl", ".ndjson", ".json"} else _rows(path)
    labels, faults = [], []
    for number, record in enumerate(records, 1):
        try:
            labels.append(_label(record))
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"line {number}: {error}")
    if faults or not labels:
        msg = f"{path}: expected query, expect ({', '.join(EXPECTS)}) and gold; {'; '.join(faults[:5]) or 'no line'}."
        raise LocateError(msg)
    return labels


def evaluate(
    matcher: Matcher, labels: Iterable[Label], *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """
    Ask all queries of a labelled file and score the answers.

    Parameters
    ----------
    matcher
        What is asked.
    labels
        Queries with their answers.
    clock
        Seconds, for the times.

    Returns
    -------
    report
        Plain JSON values. ``unique``: share whose best guess is right (``top1``), whose grid is (``grid``), that are
        accepted rightly, accepted wrongly, accepted in a wrong grid. ``none``: share accepted (``false_match``).
        ``ambiguous``: share accepted all the same, share whose right rows are all among the candidates (``covered``).
        ``compound``: share at the right level, share accepted as something else. ``calibration_error``: mean distance
        of confidence and truth over ten bins. ``ms`` and, by tag, ``by_kind``: number, share right, times.
    """
    scored = []
    for label in labels:
        begin = clock()
        match = matcher.match(label.query)
        scored.append(Scored(label, match, 1e3 * (clock() - begin)))
    return score(scored, matcher.threshold)


def score(scored: Sequence[Scored], threshold: float) -> dict[str, Any]:
    """
    Score answers; see :func:`evaluate`.

    Parameters
    ----------
    scored
        Queries with their answers.
    threshold
        Confidence from which answers were accepted.
    """
    groups = {expect: [each for each in scored if each.label.expect == expect] for expect in EXPECTS}
    answered = [each for each in scored if each.match.address_id is not None]
    accepted = [each for each in scored if each.match.accepted]
    return {
        "queries": len(scored),
        "threshold": threshold,
        "accepted": _share(accepted, scored),
        "error_among_accepted": _share([each for each in accepted if not each.right], accepted),
        "unique": _unique(groups["unique"]),
        "compound": _level(groups["compound"]),
        "ambiguous": _ambiguous(groups["ambiguous"]),
        "none": {"n": len(groups["none"]), "false_match": _share(_accepted(groups["none"]), groups["none"])},
        "calibration_error": expected_error(
            [each.match.confidence for each in answered], [each.right for each in answered]
        ),
        "ms": _times(scored),
        "by_kind": _by_kind(scored),
    }


def _label(record: Mapping[str, Any]) -> Label:
    gold = _list(record.get("gold"))
    expect = record.get("expect") or ("unique" if gold else "none")
    if expect not in EXPECTS:
        msg = f"expect is {expect!r}"
        raise ValueError(msg)
    kinds = [str(record["kind"])] if record.get("kind") else []
    tags = tuple(dict.fromkeys([*_list(record.get("tags")), *kinds]))
    return Label(str(record["query"]), expect, gold, _list(record.get("gold_grid")), tags)


def _list(value: Any) -> tuple[str, ...]:
    """Return a list of texts, also from a cell of a table that parts them by blanks or bars."""
    if value is None:
        return ()
    parts = value.replace("|", " ").split() if isinstance(value, str) else value
    return tuple(str(each) for each in parts)


def _lines(path: Path) -> list[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return [json.loads(line) for line in stream if line.strip()]
    except (OSError, ValueError) as error:
        msg = f"{path}: expected one JSON object a line, in UTF-8; found: {error}"
        raise LocateError(msg) from error


def _rows(path: Path) -> list[Mapping[str, Any]]:
    with read_pieces(path) as table:
        records = [row for piece in table.pieces for row in piece.to_dict("records")]
    # A cell without value is no key.
    return [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in records]


def _unique(scored: Sequence[Scored]) -> dict[str, Any]:
    taken = _accepted(scored)
    return {
        "n": len(scored),
        "top1": _share([each for each in scored if each.right], scored),
        "grid": _share([each for each in scored if each.grid_right], scored),
        "accepted_right": _share([each for each in taken if each.right], scored),
        "accepted_wrong": _share([each for each in taken if not each.right], scored),
        "accepted_wrong_grid": _share([each for each in taken if not each.grid_right], scored),
    }


def _level(scored: Sequence[Scored]) -> dict[str, Any]:
    return {
        "n": len(scored),
        "right": _share([each for each in scored if each.right], scored),
        "accepted_wrong": _share([each for each in _accepted(scored) if not each.right], scored),
    }


def _ambiguous(scored: Sequence[Scored]) -> dict[str, Any]:
    listed = [set(each.label.gold) <= {candidate.address_id for candidate in each.match.candidates} for each in scored]
    return {
        "n": len(scored),
        "accepted": _share(_accepted(scored), scored),
        "covered": _share([each for each, all_there in zip(scored, listed, strict=True) if all_there], scored),
    }


def _accepted(scored: Sequence[Scored]) -> list[Scored]:
    return [each for each in scored if each.match.accepted]


def _share(part: Sequence[Scored], whole: Sequence[Scored]) -> float | None:
    return round(len(part) / len(whole), 6) if whole else None


def _times(scored: Sequence[Scored]) -> dict[str, float]:
    if not scored:
        return {}
    ms = np.array([each.ms for each in scored])
    quantiles = np.percentile(ms, [50, 95, 99, 100]).round(4).tolist()
    return dict(zip(("p50", "p95", "p99", "max"), quantiles, strict=True))


def _by_kind(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the results by tag, the commonest first."""
    tags: dict[str, list[Scored]] = {}
    for each in scored:
        for tag in each.label.tags:
            tags.setdefault(tag, []).append(each)
    return {
        tag: {
            "n": len(group),
            "right": _share([each for each in group if _as_expected(each)], group),
            "accepted": _share(_accepted(group), group),
            "ms": _times(group),
        }
        for tag, group in sorted(tags.items(), key=lambda item: (-len(item[1]), item[0]))
    }


def _as_expected(each: Scored) -> bool:
    """Tell whether an answer is what its label expects: the right row, or for the others that none is accepted."""
    return each.right if each.label.expect in {"unique", "compound"} else not each.match.accepted
