"""A table of street addresses, indexed by way and number: compact enough for millions of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridplan.address.street import Grammar, Number, WayKey
from gridplan.address.street_entries import SHIFT, Taken
from gridplan.address.street_rows import Rows

if TYPE_CHECKING:
    from gridplan.address.build import Row

_LOW = (1 << SHIFT) - 1


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
    taken
        The same rows taken apart, where that was saved.
    """

    def __init__(self, rows: Sequence[Row], grammar: Grammar, taken: Taken | None = None) -> None:
        self.rows, self.grammar = Rows(rows), grammar
        self.roads: dict[str, list[WayKey]] = {}
        self.stems: dict[str, list[str]] = {}
        self.lessened: dict[str, list[str]] = {}
        self._known_areas: dict[tuple[str, str], None] = {}
        self._take(taken or Taken.of(rows, grammar))

    def _take(self, taken: Taken) -> None:
        """Hold a table taken apart, and learn the words that are new."""
        known = sum(map(len, self.roads.values()))
        self.taken, self._entries, self.ways = taken, taken.entries, taken.words.ways
        self._ranges = taken.entries.ranges()
        self._list_of_areas = [dict(areas) for areas in taken.words.areas]
        self._list_of_tails, self._list_of_units = list(taken.words.tails), list(taken.words.units)
        self._known_areas.update(dict.fromkeys(pair for areas in taken.words.areas for pair in areas))
        for way in list(self.ways)[known:]:
            self._learn(way)

    def _learn(self, way: WayKey) -> None:
        road = way[0]
        if road not in self.roads:
            self.stems.setdefault(self.grammar.stem(road), []).append(road)
            for key in lessened(road):
                self.lessened.setdefault(key, []).append(road)
        self.roads.setdefault(road, []).append(way)

    def put(self, row: Row) -> None:
        """
        Add a row, or change the one with its id; nothing else is taken apart again.

        Parameters
        ----------
        row
            The address.
        """
        self.remove(row.address_id)
        self.rows.add(row)
        self._take(self.taken.with_rows([row], self.grammar))

    def remove(self, address_id: str) -> bool:
        """
        Take a row out; its place stays empty.

        Parameters
        ----------
        address_id
            Its id.

        Returns
        -------
        bool
            Whether there was one.
        """
        place = self.rows.pop(address_id)
        if place >= 0:
            self._take(replace(self.taken, entries=self._entries.without(place)))
        return place >= 0

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
        return self._list_of_areas[int(self.taken.area[row])]

    def unit(self, row: int) -> str:
        """
        Return floor, flat or room of a row, or "".

        Parameters
        ----------
        row
            Its place in the table.
        """
        return self._list_of_units[int(self.taken.unit[row])]

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
        places = self._entries.between(number << SHIFT, (number + 1 << SHIFT) - 1)
        first = self._entries.key[places.start : places.stop] & _LOW
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
        groups: dict[Number, list[int]] = {}
        held, first = self._entries, number << SHIFT
        for at in held.between(first + low, first + high):
            each = Number(int(held.key[at]) & _LOW, int(held.high[at]), self._list_of_tails[held.tail[at]])
            groups.setdefault(each, []).append(int(held.row[at]))
        for each, rows in groups.items():
            yield House(each, tuple(sorted(set(rows))))

    def _house(self, way: WayKey, low: int, high: int) -> House:
        return next(house for house in self._from(way, low, low) if house.number.high == high)


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
