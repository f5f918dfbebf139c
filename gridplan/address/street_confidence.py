"""
How far the evidence for a house can be trusted, measured on the user's own table when it is loaded.

Addresses of the table are asked for with parts left out, changed or misspelt, and some while their rows are hidden (a
house that the table lacks). How often the best house was the right one, by the strength of the evidence, is the
confidence of an answer; it is never higher for weaker evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gridplan.address.confidence import Calibration
from gridplan.address.street import Number, Place, WayKey
from gridplan.address.street_index import StreetIndex
from gridplan.address.street_search import search

# Addresses of the table that are asked for; each in several forms.
_SAMPLE = 400
# Below this many there is nothing to learn from, and the evidence stands for itself.
_LEAST = 30
# Confidence of full agreement in such a table.
_UNMEASURED = 0.98
# Share of the addresses whose rows are hidden while they are asked for.
_HIDDEN = 0.2


@dataclass(frozen=True)
class Confidence:
    """
    What a table has shown of itself.

    Parameters
    ----------
    of
        Share of right answers by strength of evidence.
    between
        Share of houses that lie in the one grid of the houses on both sides of them; 0 where too few have such.
    """

    of: Calibration
    between: float


def measure(index: StreetIndex, rng: np.random.Generator) -> Confidence:
    """
    Measure the confidence that evidence deserves in a table.

    Parameters
    ----------
    index
        The table.
    rng
        Draws the addresses and what is done to them.
    """
    trials = list(_trials(index, rng))
    if len(trials) < _LEAST:
        return Confidence(Calibration(np.array([0.0, 1.0]), np.array([0.0, _UNMEASURED])), 0.0)
    # Right answers first, so that answers of one strength are pooled to one share.
    trials.sort(key=lambda trial: not trial[1])
    calibration = Calibration.fit([score for score, _ in trials], [right for _, right in trials])
    return Confidence(calibration, _between(index, rng))


def grid_between(index: StreetIndex, way: WayKey, number: int) -> str:
    """
    Return the grid in which the nearest houses before and behind a number both lie, or "".

    Parameters
    ----------
    index
        The table.
    way
        The way.
    number
        The number.
    """
    before, behind = index.beside(way, number)
    if before is None or behind is None:
        return ""
    grids = {index.rows[row].grid_code for row in (*before.rows, *behind.rows)}
    return grids.pop() if len(grids) == 1 else ""


def _between(index: StreetIndex, rng: np.random.Generator) -> float:
    """Return the share of houses that lie in the grid of their neighbours, where these share one."""
    agree = []
    for row in rng.permutation(len(index.rows))[:_SAMPLE].tolist():
        place = index.grammar.row(index.rows[row].address)
        if place is not None and place.numbers:
            grid = grid_between(index, place.way, place.numbers[0].low)
            agree += [grid == index.rows[row].grid_code] if grid else []
    return (sum(agree) + 0.5) / (len(agree) + 1.0) if len(agree) >= _LEAST else 0.0


def _trials(index: StreetIndex, rng: np.random.Generator) -> Iterator[tuple[float, bool]]:
    """Yield the strength of the best answer, and whether it was right."""
    n_rows = len(index.rows)
    for row in sorted(rng.permutation(n_rows)[:_SAMPLE].tolist()):
        place = index.grammar.row(index.rows[row].address)
        if place is None or not place.numbers or place.numbers[0].is_range:
            continue
        truth = search(index, [place])
        if not truth or row not in truth[0].rows:
            continue
        same = set(truth[0].rows)
        for asked, exists in _forms(place, index, rng):
            hidden = same if rng.random() < _HIDDEN else set()
            best = search(index, [asked], hidden)
            if best:
                sole = len(best) == 1 or best[1].score < best[0].score
                yield best[0].score, exists and sole and row in best[0].rows


def _forms(place: Place, index: StreetIndex, rng: np.random.Generator) -> Iterator[tuple[Place, bool]]:
    """
    Yield an address as people write it, and whether it is still the same house.

    Whole, without areas, without section, in another village, without the word for the street's kind, misspelt; and a
    door beside it that the table lacks.
    """
    bare = replace(place, areas={})
    yield place, True
    yield bare, True
    road, section, lane, alley, sub = place.way
    if section:
        yield replace(bare, way=(road, "", lane, alley, sub)), True
    villages = index.areas_of("village")
    if villages and "village" in place.areas:
        other = villages[int(rng.integers(len(villages)))]
        yield replace(place, areas={**place.areas, "village": other}), True
    yield replace(bare, way=(index.grammar.stem(road), section, lane, alley, sub)), True
    at = int(rng.integers(len(road)))
    yield replace(bare, way=(road[:at] + "?" + road[at + 1 :], section, lane, alley, sub)), True
    low = place.numbers[0].low
    yield replace(bare, numbers=(Number(low, low, place.numbers[0].tail + "9"),)), False
