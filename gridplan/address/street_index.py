"""A table of street addresses, indexed by way and number: compact enough for millions of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gridplan.address.street import Grammar, Number, Place, WayKey

if TYPE_CHECKING:
    from gridplan.address.build import Row

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class House:
    """
    The rows of a table that say the same number of the same way.

    Parameters
    ----------
    number
        The number, or the range of numbers, of the rows.
    rows
        Places of the rows in the table, rising.
    """

    number: Number
    rows: tuple[int, ...]


class StreetIndex:
    """
    The rows of a table by way and number.

    Parameters
    ----------
    rows
        Addresses with different ids.
    grammar
        How they are written.
    """

    def __init__(self, rows: Sequence[Row], grammar: Grammar) -> None:
        self.rows, self.grammar = rows, grammar
        self.ways: dict[WayKey, int] = {}
        self._areas: dict[tuple[tuple[str, str], ...], int] = {(): 0}
        self._known_areas: Counter[tuple[str, str]] = Counter()
        self._tails: dict[str, int] = {"": 0}
        self._read(rows)
        self.roads: dict[str, list[WayKey]] = {}
        for way in self.ways:
            self.roads.setdefault(way[0], []).append(way)
        self.stems: dict[str, list[str]] = {}
        for road in self.roads:
            self.stems.setdefault(grammar.stem(road), []).append(road)
        self.lessened: dict[str, list[str]] = {}
        for road in self.roads:
            for key in lessened(road):
                self.lessened.setdefault(key, []).append(road)
        self._list_of_areas = [dict(areas) for areas in self._areas]
        self._list_of_tails = list(self._tails)

    def __contains__(self, road: object) -> bool:
        return road in self.roads

    def knows_area(self, kind: str, name: str) -> bool:
        """
        Tell whether an address of the table lies in an area of this name.

        Parameters
        ----------
        kind
            Kind of area, as the grammar names it.
        name
            Its name in the grammar's form.
        """
        return (kind, name) in self._known_areas

    def areas_of(self, kind: str) -> list[str]:
        """
        Return the names of all areas of a kind.

        Parameters
        ----------
        kind
            Kind of area, as the grammar names it.
        """
        return [name for each, name in self._known_areas if each == kind]

    def area(self, row: int) -> dict[str, str]:
        """
        Return the areas of a row by kind.

        Parameters
        ----------
        row
            Its place in the table.
        """
        return self._list_of_areas[int(self._area[row])]

    def unit(self, row: int) -> str:
        """
        Return floor, flat or room of a row, or "".

        Parameters
        ----------
        row
            Its place in the table.
        """
        return self._unit_names[int(self._unit[row])]

    @property
    def n_parsed(self) -> int:
        """Number of rows, aliases counted apart, that the grammar could take apart."""
        return len(self._row)

    def houses(self, way: WayKey, number: Number) -> list[House]:
        """
        Return the houses of a way that a number names: itself, those in it, those that hold it.

        Parameters
        ----------
        way
            The way.
        number
            A number or a range.
        """
        found = [house for house in self._from(way, number.low, number.high) if _named(house.number, number)]
        ranges = (self._house(way, low, high) for low, high in self._ranges.get(self.ways.get(way, -1), ()))
        ends = (Number(number.low, number.low, number.tail), Number(number.high, number.high, number.tail))
        found += [house for house in ranges if any(house.number.holds(end) for end in ends)]
        return list({house.number: house for house in found}.values())

    def beside(self, way: WayKey, low: int) -> tuple[House | None, House | None]:
        """
        Return the nearest houses before and behind a number on its side of a way.

        Parameters
        ----------
        way
            The way.
        low
            The number.
        """
        number = self.ways.get(way)
        if number is None:
            return None, None
        begin, end = np.searchsorted(self._key, [np.int64(number) << 32, np.int64(number + 1) << 32])
        first = (self._key[begin:end] & 0xFFFFFFFF).astype(np.int64)
        # A range may reach past the number; its houses are before and behind.
        same = first % 2 == low % 2
        before = np.flatnonzero(same & (first < low))
        behind = np.flatnonzero(same & (first > low))
        return (
            next(self._from(way, int(first[before[-1]]), int(first[before[-1]])), None) if len(before) else None,
            next(self._from(way, int(first[behind[0]]), int(first[behind[0]])), None) if len(behind) else None,
        )

    def same_base(self, way: WayKey, low: int) -> list[House]:
        """
        Return the houses of a way that share the number before the tail: 10, 10A, 10B.

        Parameters
        ----------
        way
            The way.
        low
            The number.
        """
        return list(self._from(way, low, low))

    def _from(self, way: WayKey, low: int, high: int) -> Iterator[House]:
        """Yield the houses whose first number is in a range, rising."""
        number = self.ways.get(way)
        if number is None:
            return
        key = np.int64(number) << 32
        begin, end = np.searchsorted(self._key, [key + low, key + high + 1])
        groups: dict[Number, list[int]] = {}
        for at in range(int(begin), int(end)):
            each = Number(int(self._key[at] & 0xFFFFFFFF), int(self._high[at]), self._list_of_tails[self._tail[at]])
            groups.setdefault(each, []).append(int(self._row[at]))
        for each, rows in groups.items():
            yield House(each, tuple(sorted(set(rows))))

    def _house(self, way: WayKey, low: int, high: int) -> House:
        return next(house for house in self._from(way, low, low) if house.number.high == high)

    def _read(self, rows: Sequence[Row]) -> None:
        """Take all rows apart, into arrays sorted by way and number."""
        units: dict[str, int] = {"": 0}
        area, unit = np.zeros(len(rows), dtype=np.int32), np.zeros(len(rows), dtype=np.int32)
        columns: list[list[int]] = [[], [], [], []]
        ranges: dict[int, set[tuple[int, int]]] = {}
        for at, row in enumerate(rows):
            for nth, text in enumerate((row.address, *row.aliases)):
                place = self.grammar.row(text)
                if place is None:
                    continue
                if not nth:
                    area[at] = self._area_number(place)
                    unit[at] = units.setdefault(place.unit, len(units))
                way = self.ways.setdefault(place.way, len(self.ways))
                for number in place.numbers:
                    tail = self._tails.setdefault(number.tail, len(self._tails))
                    for column, value in zip(columns, ((way << 32) + number.low, number.high, tail, at), strict=True):
                        column.append(value)
                    if number.is_range:
                        ranges.setdefault(way, set()).add((number.low, number.high))
        order = np.lexsort([np.array(column, dtype=np.int64) for column in (columns[3], columns[2], columns[0])])
        self._key = np.array(columns[0], dtype=np.int64)[order]
        self._high, self._tail, self._row = (np.array(column, dtype=np.int32)[order] for column in columns[1:])
        self._ranges = {way: sorted(each) for way, each in ranges.items()}
        self._area, self._unit, self._unit_names = area, unit, list(units)

    def _area_number(self, place: Place) -> int:
        self._known_areas.update(place.areas.items())
        return self._areas.setdefault(tuple(place.areas.items()), len(self._areas))


def _named(house: Number, number: Number) -> bool:
    """Tell whether a query's number names a house: the same number, or one or more of its range."""
    if not number.is_range:
        return house.tail == number.tail and not house.is_range
    if house == number:
        return True
    one_side = number.low % 2 == number.high % 2
    return not house.tail and (not one_side or house.low % 2 == number.low % 2)


def lessened(name: str) -> set[str]:
    """
    Return a name, and it without each of its signs: two names that are one change apart share one of these.

    Parameters
    ----------
    name
        Name of a road.

    Examples
    --------
    >>> sorted(lessened("abc"))
    ['ab', 'abc', 'ac', 'bc']
    """
    return {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}
