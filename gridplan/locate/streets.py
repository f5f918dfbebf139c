"""
Addresses located by streets that carry ranges of numbers: 1334 to 1378 on the left, 1337 to 1369 on the right.

Where a table of addresses has no row for a house, the ranges of its street still tell about where it stands: as far
along the block as its number is within the range, on the side whose numbers are odd or even like it. Houses are not
evenly spaced, so the places around are tried too; only where all of them lie in one grid is the grid certain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gridplan.address.answer import Candidate, Match, Span
from gridplan.address.street import Grammar, Number, Place
from gridplan.address.street_western import Western
from gridplan.errors import LocateError
from gridplan.locate.index import PointIndex

Floats = NDArray[np.float64]

#: Names of the columns that hold street, and first and last number on the left and on the right of the line.
COLUMNS = ("street", "left_from", "left_to", "right_from", "right_to")
# Metres from the middle of the street at which houses are looked for, and from the crossing at which blocks begin.
_SETBACKS_M = (9.0, 16.0)
_CORNER_M = 10.0
# A house may stand this share of its block before or behind where its number says, within these bounds in metres; at
# the ends of a block too, where a wide lot on the corner has the last number and stands well inside.
_SLACK_SHARE, _LEAST_SLACK_M, _SLACK_M = 0.16, 10.0, 18.0
# A number outside all ranges is taken for the nearest range's if it misses it by no more than this.
_MISSED = 8
_NOTE_ESTIMATE = "按门牌号区间推算 / estimated from the street's range of numbers"
_NOTE_UNSURE = "推算位置附近有多个网格 / several grids lie about the estimated place"
_NOTE_MISSED = "号码不在任何区间内 / the number is in no range of the street"


@dataclass(frozen=True, slots=True)
class Side:
    """
    One side of one block.

    Parameters
    ----------
    block
        Place of its line in the table.
    begin, end
        Numbers where the line begins and ends; the first may be the larger.
    left
        Whether it is the left side of the line.
    """

    block: int
    begin: int
    end: int
    left: bool

    def misses(self, number: int) -> int:
        """Return by how much a number is outside the range; 0 for one in it, on its side of the street."""
        low, high = min(self.begin, self.end), max(self.begin, self.end)
        if self.begin % 2 == self.end % 2 != number % 2:
            return 10**9
        return max(low - number, number - high, 0)

    def share(self, number: int) -> float:
        """Return how far along the line a number is, 0 to 1."""
        if self.begin == self.end:
            return 0.5
        return min(max((number - self.begin) / (self.end - self.begin), 0.0), 1.0)


class StreetRanges:
    """
    Streets with ranges of numbers over the grids of a plan; see :class:`gridplan.address.answer.Matcher`.

    Parameters
    ----------
    streets
        Lines with the columns :data:`COLUMNS`, in any CRS; 0, -1 or nothing where a side has no numbers.
    index
        The grids.
    grammar
        How addresses are written.

    Raises
    ------
    LocateError
        If a column is missing, or the streets state no CRS.
    """

    threshold = 1.0

    def __init__(self, streets: gpd.GeoDataFrame, index: PointIndex, grammar: Grammar | None = None) -> None:
        _check(streets)
        self.index, self.grammar = index, grammar or Western()
        self._lines = shapely.line_merge(np.asarray(streets.to_crs(index.crs).geometry.array, dtype=object))
        self._names = streets["street"].fillna("").astype(str).to_list()
        self._lonlat = Transformer.from_crs(index.crs, "EPSG:4326", always_xy=True)
        self.roads: dict[str, list[Side]] = {}
        for block, numbers in enumerate(streets[list(COLUMNS[1:])].fillna(0).to_numpy(dtype=np.int64).tolist()):
            self._add(block, numbers)
        self.stems = {self.grammar.stem(road): [road] for road in self.roads}

    def __contains__(self, road: object) -> bool:
        return road in self.roads

    def knows_area(self, kind: str, name: str) -> bool:
        """Tell whether a street lies in an area; streets carry none."""
        del kind, name
        return False

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """
        Answer many queries, in their order.

        Parameters
        ----------
        texts
            Queries.
        """
        return [self.match(text) for text in texts]

    def match(self, text: str) -> Match:
        """
        Answer one query with the side of the block on which the number is.

        The answer is accepted where all places at which the house may stand lie in one grid; ``confidence`` is the
        share of them that lie in the grid given.

        Parameters
        ----------
        text
            What was typed; any text at all.
        """
        for place in self.grammar.readings(text, self):
            sides = self.roads.get(place.way[0], [])
            if sides and place.numbers:
                return self._answer(text, place, sides)
        return Match(text)

    def _answer(self, text: str, place: Place, sides: list[Side]) -> Match:
        number = place.numbers[0]
        found = _nearest(sides, number)
        if not found:
            return Match(text, status="partial", level="road", evidence=_spans(text, place), notes=(_NOTE_MISSED,))
        points = np.concatenate([self._points(side, each) for side, each in found])
        codes = self.index.locate_many(*points.T, crs="plan").grid_code
        known, count = np.unique(codes[codes != None].astype(str), return_counts=True)  # noqa: E711
        missed = any(side.misses(each) for side, each in found)
        sure = len(known) == 1 and int(count.sum()) == len(points)
        lon, lat = self._lonlat.transform(*points[0])
        notes = (_NOTE_ESTIMATE, *((_NOTE_MISSED,) if missed else ()), *(() if sure else (_NOTE_UNSURE,)))
        ids = [self._candidate(side, codes) for side, _ in found]
        return Match(
            query=text,
            address_id=ids[0].address_id,
            confidence=float(count.max() / len(points)) if len(known) else 0.0,
            accepted=sure,
            status="matched" if sure else "ambiguous",
            level="road",
            normalized=ids[0].address,
            grid_code=str(known[count.argmax()]) if sure else None,
            grid_certain=sure,
            candidates=tuple(dict.fromkeys(ids)),
            evidence=_spans(text, place),
            notes=notes,
            lon=float(lon),
            lat=float(lat),
        )

    def _candidate(self, side: Side, codes: NDArray[Any]) -> Candidate:
        address_id = f"{side.block}{'L' if side.left else 'R'}"
        low, high = sorted((side.begin, side.end))
        grid = codes[0] if len(set(codes.tolist())) == 1 else None
        return Candidate(address_id, f"{low}-{high} {self._names[side.block]}", grid, "road", 1.0)

    def _points(self, side: Side, number: int) -> Floats:
        """Return the likeliest place of a house and those around it, shape (n, 2)."""
        line = self._lines[side.block]
        length = float(shapely.length(line))
        corner = min(_CORNER_M, length / 2)
        share = side.share(number)
        spread = _SLACK_SHARE * length * 2 * math.sqrt(share * (1 - share))
        slack = min(max(spread, _LEAST_SLACK_M), _SLACK_M)
        middle = share * length
        along = np.clip([middle, middle - slack, middle + slack], corner, length - corner)
        return np.concatenate([_beside(line, along, setback, left=side.left) for setback in _SETBACKS_M])

    def _add(self, block: int, numbers: list[int]) -> None:
        place = self.grammar.row(f"1 {self._names[block]}")
        if place is None or self._lines[block] is None or self._lines[block].geom_type != "LineString":
            return
        for left, (begin, end) in ((True, numbers[:2]), (False, numbers[2:])):
            if begin > 0 and end > 0:
                self.roads.setdefault(place.way[0], []).append(Side(block, begin, end, left))


def _nearest(sides: list[Side], number: Number) -> list[tuple[Side, int]]:
    """Return the sides on which a number, or both ends of a range, may be."""
    found: dict[tuple[Side, int], None] = {}
    for each in dict.fromkeys((number.low, number.high)):
        least = min(side.misses(each) for side in sides)
        if least <= _MISSED:
            found.update(dict.fromkeys((side, each) for side in sides if side.misses(each) == least))
    return list(found)


def _beside(line: Any, along: Floats, setback: float, *, left: bool) -> Floats:
    """Return points at a distance beside a line, shape (n, 2)."""
    length = float(shapely.length(line))
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(along - 1.0, 0.0)))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(along + 1.0, length)))
    ahead = behind - before
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, np.newaxis]
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) * (setback if left else -setback)
    beside: Floats = shapely.get_coordinates(shapely.line_interpolate_point(line, along)) + across
    return beside


def _spans(text: str, place: Place) -> tuple[Span, ...]:
    pieces = place.pieces
    return tuple(Span(each.kind, text[each.start : each.end], each.start, each.end, each.meaning) for each in pieces)


def _check(streets: gpd.GeoDataFrame) -> None:
    missing = [name for name in COLUMNS if name not in streets]
    if missing:
        msg = f"streets: expected the columns {', '.join(COLUMNS)}; missing {', '.join(missing)}. Rename the columns."
        raise LocateError(msg)
    if streets.crs is None:
        msg = "streets: expected a CRS; found none. Set the CRS of the layer."
        raise LocateError(msg)
