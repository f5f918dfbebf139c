"""The matcher of street addresses: a query in, the house of the table out, or what keeps it from being known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gridplan.address.answer import Candidate, Field, Level, Match, Span, Status
from gridplan.address.confidence import THRESHOLD
from gridplan.address.street import Grammar, Piece, Place, WayKey
from gridplan.address.street_confidence import Confidence, grid_between, measure
from gridplan.address.street_entries import Taken
from gridplan.address.street_index import StreetIndex
from gridplan.address.street_search import NEVER_ACCEPTED, Found, search, ways_of

if TYPE_CHECKING:
    from gridplan.address.build import Row

#: Share of houses of the table that lie in the grid of the two beside them, from which that tells a grid for certain.
BETWEEN = 0.98
# Houses whose evidence is this near to the best one's are candidates beside it.
_AS_GOOD = 0.999
_MOST_CANDIDATES = 20
_SEED = 20_260_101

_NOTES = {
    "road without its kind": "路名缺少“路/街” / the kind of street is missing",
    "road nearly": "路名有错字 / the name of the street is misspelt",
    "section missing": "缺少段号 / the section is missing",
    "section unknown": "段号不符 / the table has another section",
    "within a range": "号码在该门牌范围内 / the number lies within that range of numbers",
    "one of several": "写有多个号码 / several numbers are named",
    "another door": "该号码不在地址表中，只有同号的其他门牌 / the table has only other doors of that number",
    "something else": "另有其他地址 / the text names another place too",
    "city": "城市不符 / another city",
    "district": "区不符 / another district",
    "village": "里不符 / another village (li)",
    "hood": "邻不符 / another neighbourhood (lin)",
    "postcode": "邮编不符 / another postcode",
}
_NEIGHBOURS = "两侧门牌同在网格 {grid} / the houses on both sides lie in grid {grid}"
_NO_NUMBER = "缺少门牌号 / the number is missing"
_NOT_THERE = "该门牌号不在地址表中 / the table lacks that number"
_ONE_GRID = "候选均在同一网格 / all candidates lie in one grid"
_FAR_ROWS = "同一地址在地址表中属于不同网格 / rows with this address lie in different grids"


class StreetMatcher:
    """
    A table of street addresses, ready to be asked; see :class:`gridplan.address.answer.Matcher`.

    Parameters
    ----------
    rows
        Addresses with different ids.
    grammar
        How they are written: :class:`~gridplan.address.street_taiwan.Taiwan` or
        :class:`~gridplan.address.street_western.Western`.
    threshold
        Confidence from which an answer may be accepted.
    saved
        The rows taken apart and the confidence measured on them, where that was saved.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        grammar: Grammar,
        *,
        threshold: float = THRESHOLD,
        saved: tuple[Taken, Confidence] | None = None,
    ) -> None:
        self.index = StreetIndex(rows, grammar, saved[0] if saved else None)
        self.rows, self.grammar = self.index.rows, grammar
        self.confidence = saved[1] if saved else measure(self.index, np.random.default_rng(_SEED))
        self._threshold = threshold

    @property
    def threshold(self) -> float:
        """Confidence from which an answer may be accepted."""
        return self._threshold

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
        Answer one query.

        Parameters
        ----------
        text
            What was typed; any text at all.
        """
        places = list(self.grammar.readings(text, self.index))
        found = search(self.index, places)
        if not found:
            return self._without_house(text, places)
        best = found[0]
        peers = [each for each in found if each.score >= _AS_GOOD * best.score]
        return self._answer(text, best, peers, others=_others(places, best))

    def _answer(self, text: str, best: Found, peers: list[Found], *, others: bool) -> Match:
        grids = {self.rows[row].grid_code for each in peers for row in each.rows}
        one_grid = len(grids) == 1 and "" not in grids
        status = self._status(best, peers)
        confidence = self.confidence.of(best.score) / len(peers) * (0.5 if others else 1.0)
        forbidden = bool(best.evidence & NEVER_ACCEPTED) or others
        accepted = status == "matched" and not forbidden and one_grid_or_none(grids) and confidence >= self._threshold
        # Doors of one house share its grid; a house that the table lacks may lie in another than its neighbour.
        doors = self.grammar.tail_is_unit and best.evidence == {"another door"}
        sure = doors or (self.confidence.of(best.score) >= self._threshold and not forbidden)
        several = len(peers) > 1 or self.grammar.tail_is_unit
        certain = one_grid and sure and (accepted or doors or (status == "ambiguous" and several))
        row = self.rows[best.row]
        return Match(
            query=text,
            address_id=row.address_id,
            confidence=confidence,
            accepted=accepted,
            status=status,
            level=self._level(best) if status == "matched" else "road" if status == "partial" else "door",
            normalized=row.address,
            grid_code=row.grid_code if certain else None,
            grid_certain=certain,
            candidates=self._candidates(peers),
            split_by=self._split_by(best, peers),
            evidence=_spans(text, best),
            notes=self._notes(best, peers, grids),
            lon=None if np.isnan(row.lon) else row.lon,
            lat=None if np.isnan(row.lat) else row.lat,
        )

    def _without_house(self, text: str, places: list[Place]) -> Match:
        """Answer where no house fits: a road that the table knows, or nothing."""
        for place in places:
            ways = ways_of(self.index, place)
            if ways and not any("road nearly" in against for _, against in ways):
                return self._on_road(text, place, [way for way, _ in ways])
        return Match(text)

    def _on_road(self, text: str, place: Place, ways: list[WayKey]) -> Match:
        """Answer with the road: the table lacks the number, and only its neighbours tell about the grid."""
        evidence = tuple(_span(text, piece, "exact") for piece in place.pieces)
        if not place.numbers:
            return Match(text, status="partial", level="road", evidence=evidence, notes=(_NO_NUMBER,), split_by="door")
        numbers = {end for number in place.numbers for end in (number.low, number.high)}
        grids = {grid_between(self.index, way, number) for way in ways for number in numbers}
        grid = grids.pop() if len(grids) == 1 and not place.rest else ""
        certain = bool(grid) and self.confidence.between >= BETWEEN
        return Match(
            text,
            status="partial",
            level="road",
            grid_code=grid if certain else None,
            grid_certain=certain,
            evidence=evidence,
            notes=(_NOT_THERE, *((_NEIGHBOURS.format(grid=grid),) if grid else ())),
        )

    def _status(self, best: Found, peers: list[Found]) -> Status:
        if "another door" in best.evidence:
            return "partial"
        several = "one of several" in best.evidence and not self.grammar.tail_is_unit
        return "matched" if len(peers) == 1 and not several else "ambiguous"

    def _level(self, best: Found) -> Level:
        return "room" if best.unit and self.index.unit(best.row) else "door"

    def _candidates(self, peers: list[Found]) -> tuple[Candidate, ...]:
        listed = [(each, row) for each in peers for row in each.rows][:_MOST_CANDIDATES]
        return tuple(
            Candidate(
                self.rows[row].address_id,
                self.rows[row].address,
                self.rows[row].grid_code or None,
                "room" if self.index.unit(row) else "door",
                each.score,
            )
            for each, row in listed
        )

    def _split_by(self, best: Found, peers: list[Found]) -> Field:
        """Return the part that would decide between the candidates."""
        if len(peers) == 1:
            return ""
        areas = [self.index.area(each.row) for each in peers]
        if len({area.get("district", area.get("city", "")) for area in areas}) > 1:
            return "district"
        if "section missing" in best.evidence or "road without its kind" in best.evidence:
            return "road"
        return "unit" if len({self.index.unit(each.row) for each in peers}) > 1 else "door"

    def _notes(self, best: Found, peers: list[Found], grids: set[str]) -> tuple[str, ...]:
        notes = [_NOTES[each] for each in _NOTES if each in best.evidence]
        if len(peers) > 1 and one_grid_or_none(grids):
            notes.append(_ONE_GRID)
        if len(peers) == 1 and not one_grid_or_none(grids):
            notes.append(_FAR_ROWS)
        return tuple(notes)


def one_grid_or_none(grids: set[str]) -> bool:
    """
    Tell whether rows lie in one grid, or no grid of theirs is known.

    Parameters
    ----------
    grids
        Codes of their grids, "" where unknown.
    """
    return len(grids) == 1


def _others(places: list[Place], best: Found) -> bool:
    """Tell whether a query names a road and number besides the ones that were found."""
    return any(place.way != best.place.way and place.numbers for place in places)


def _spans(text: str, best: Found) -> tuple[Span, ...]:
    how = "exact" if not best.evidence else ", ".join(sorted(best.evidence))
    return tuple(_span(text, piece, how if piece.kind == "road" else "exact") for piece in best.place.pieces)


def _span(text: str, piece: Piece, how: str) -> Span:
    return Span(piece.kind, text[piece.start : piece.end], piece.start, piece.end, piece.meaning, how)
