"""The numbers of a table of street addresses as sorted arrays, which can be added to and taken from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gridplan.address.street import Grammar, Number, WayKey

if TYPE_CHECKING:
    from gridplan.address.build import Row

Ints = NDArray[np.int32]
#: How far a way's number is shifted in a key, to leave room for the first number of a house.
SHIFT = 32


@dataclass(frozen=True)
class Entries:
    """
    Number by number what rows say, sorted by way, first number, tail and row.

    Parameters
    ----------
    key
        Way and first number, ``way << SHIFT | low``, shape (n,).
    high, tail, row
        Last number, number of the tail, and place of the row, each of shape (n,).
    """

    key: NDArray[np.int64]
    high: Ints
    tail: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.key)

    def between(self, first: int, last: int) -> range:
        """Return the places of the keys from one to another, both included."""
        begin, end = np.searchsorted(self.key, np.array([first, last + 1], dtype=np.int64))
        return range(int(begin), int(end))

    def joined(self, other: Entries) -> Entries:
        """Return these and a few others, in order; the cost is that of a copy."""
        place = np.searchsorted(self.key, other.key, side="right")
        merged = (np.insert(getattr(self, name), place, getattr(other, name)) for name in _COLUMNS)
        return Entries(*merged)

    def without(self, row: int) -> Entries:
        """Return these but for those of a row."""
        kept = self.row != row
        return Entries(*(getattr(self, name)[kept] for name in _COLUMNS))

    def ranges(self) -> dict[int, list[tuple[int, int]]]:
        """Return the first and last numbers of all ranges, rising, by way."""
        found: dict[int, set[tuple[int, int]]] = {}
        low = self.key & ((1 << SHIFT) - 1)
        for place in np.flatnonzero(self.high > low).tolist():
            found.setdefault(int(self.key[place] >> SHIFT), set()).add((int(low[place]), int(self.high[place])))
        return {way: sorted(each) for way, each in found.items()}


_COLUMNS = ("key", "high", "tail", "row")


class Draft:
    """Entries while rows are read."""

    def __init__(self) -> None:
        self._key, self._rest = array("q"), [array("i") for _ in _COLUMNS[1:]]

    def add(self, way: int, number: Number, tail: int, row: int) -> None:
        """Add one number of a row."""
        self._key.append(way << SHIFT | number.low)
        for column, value in zip(self._rest, (number.high, tail, row), strict=True):
            column.append(value)

    def sorted(self) -> Entries:
        """Return what was added, in order."""
        key = np.array(self._key, dtype=np.int64)
        high, tail, row = (np.array(column, dtype=np.int32) for column in self._rest)
        order = np.lexsort((row, tail, key))
        return Entries(key[order], high[order], tail[order], row[order])


#: Kind and name of each area of a row.
AreaKey = tuple[tuple[str, str], ...]


@dataclass
class Words:
    """
    The words of a table, each with its number: the order in which they were met.

    Parameters
    ----------
    ways, areas, tails, units
        Ways, areas of rows, tails of numbers, flats and rooms.
    """

    ways: dict[WayKey, int] = field(default_factory=dict)
    areas: dict[AreaKey, int] = field(default_factory=lambda: {(): 0})
    tails: dict[str, int] = field(default_factory=lambda: {"": 0})
    units: dict[str, int] = field(default_factory=lambda: {"": 0})


@dataclass(frozen=True)
class Taken:
    """
    A table taken apart.

    Parameters
    ----------
    words
        Its words.
    entries
        Its numbers.
    area, unit
        Number of the areas and of the flat of each row, shape (n_rows,).
    """

    words: Words
    entries: Entries
    area: Ints
    unit: Ints

    @classmethod
    def of(cls, rows: Iterable[Row], grammar: Grammar) -> Taken:
        """
        Take rows apart.

        Parameters
        ----------
        rows
            Addresses with different ids.
        grammar
            How they are written.
        """
        return cls(Words(), _NO_ENTRIES, _NONE, _NONE).with_rows(rows, grammar)

    def with_rows(self, rows: Iterable[Row], grammar: Grammar) -> Taken:
        """Return this table with rows behind it; the words are shared and grow."""
        draft, below = Draft(), (array("i"), array("i"))
        for place, row in enumerate(rows, len(self.area)):
            for column, value in zip(below, self._take(row, place, grammar, draft), strict=True):
                column.append(value)
        area, unit = (np.array(column, dtype=np.int32) for column in below)
        entries = self.entries.joined(draft.sorted()) if len(self.entries) else draft.sorted()
        return Taken(self.words, entries, np.append(self.area, area), np.append(self.unit, unit))

    def _take(self, row: Row, at: int, grammar: Grammar, draft: Draft) -> tuple[int, int]:
        """Add the numbers of a row's address and aliases; return its areas and its flat."""
        words, own = self.words, (0, 0)
        for nth, text in enumerate((row.address, *row.aliases)):
            place = grammar.row(text)
            if place is None:
                continue
            if not nth:
                areas, unit = tuple(place.areas.items()), place.unit
                own = (words.areas.setdefault(areas, len(words.areas)), words.units.setdefault(unit, len(words.units)))
            way = words.ways.setdefault(place.way, len(words.ways))
            for number in place.numbers:
                draft.add(way, number, words.tails.setdefault(number.tail, len(words.tails)), at)
        return own


_NONE = np.empty(0, dtype=np.int32)
_NO_ENTRIES = Entries(np.empty(0, dtype=np.int64), _NONE, _NONE, _NONE)
