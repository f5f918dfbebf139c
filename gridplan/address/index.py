"""
The user's address table as arrays: spots (areas, road, door, name), records below them, rows.

A *spot* is an address without building, entrance and room. A *record* is one way to write a row: its standard
address or an alias that has a building of its own. Nothing here is a Python object per row, so that two million
addresses open from disk at once; changes are laid over the arrays.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from gridplan.address.postings import Postings
from gridplan.address.strings import Strings, Vocabulary

T = TypeVar("T")
NOTHING = -1
#: Building, entrance, room and row of one record.
Record = tuple[int, int, int, int]


def view(array: NDArray[Any]) -> memoryview:
    """Return an array as a memoryview, whose single numbers are several times quicker to read."""
    return memoryview(array)  # type: ignore[arg-type]


class Column(Generic[T]):
    """
    An array that grows: what was built, then what was added.

    Parameters
    ----------
    base
        What was built.
    """

    def __init__(self, base: Any) -> None:
        self.base = base
        self._view: Any = view(base) if isinstance(base, np.ndarray) else base
        self._length = len(base)
        self.added: list[T] = []
        self.replaced: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self.base) + len(self.added)

    def __getitem__(self, place: int) -> T:
        if self.replaced and place in self.replaced:
            return self.replaced[place]
        if place < self._length:
            result: T = self._view[place]
            return result
        return self.added[place - self._length]

    def append(self, value: T) -> None:
        """Add a value at the end."""
        self.added.append(value)

    def all(self) -> list[T]:
        """Return all values."""
        values: list[T] = [*self.base.tolist(), *self.added]
        for place, value in self.replaced.items():
            values[place] = value
        return values


@dataclass
class Index:
    """
    The table.

    Parameters
    ----------
    names, roads, labels, grids
        Words of the table: names of compounds and places, roads, labels of doors, buildings, entrances and rooms,
        grid codes.
    areas
        Province, city, district, street and community of each area.
    spot_area, spot_road, spot_door, spot_name, spot_alias
        The spots, as numbers of the words above or -1; whether the spot is an alias.
    starts
        Where the records of each spot begin, shape (n_spots + 1,).
    building, unit, room, row
        The records, sorted by spot, building, entrance, room; numbers of labels, number of the row.
    ids, texts
        Id and standard address of each row.
    row_grid, lon, lat
        Grid (number, or -1) and WGS 84 coordinates (degrees, NaN where unknown) of each row.
    by_name, by_door
        Spots by name, and by road and door.
    """

    names: Vocabulary
    roads: Vocabulary
    labels: Vocabulary
    grids: Vocabulary
    areas: list[tuple[str, ...]]
    spot_area: Column[int]
    spot_road: Column[int]
    spot_door: Column[int]
    spot_name: Column[int]
    spot_alias: Column[int]
    starts: NDArray[np.int64]
    building: NDArray[np.int32]
    unit: NDArray[np.int32]
    room: NDArray[np.int32]
    row: NDArray[np.int32]
    ids: Column[str]
    texts: Column[str]
    row_grid: Column[int]
    lon: Column[float]
    lat: Column[float]
    by_name: Postings
    by_door: Postings
    changed: dict[int, list[Record]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)

    @cached_property
    def _starts(self) -> memoryview:
        return view(self.starts)

    @cached_property
    def _buildings(self) -> memoryview:
        return view(self.building)

    @cached_property
    def _records(self) -> tuple[memoryview, ...]:
        return tuple(view(each) for each in (self.building, self.unit, self.room, self.row))

    @property
    def n_rows(self) -> int:
        """Number of rows, without those removed."""
        return len(self.ids) - len(self.removed)

    @staticmethod
    def door_key(road: int, door: int) -> int:
        """Return the key of a road and a door in ``by_door``; negative where one of them is unknown."""
        return NOTHING if road < 0 or door < 0 else road << 32 | door

    def spots_at(self, road: int, door: str) -> list[int]:
        """
        Return the spots at a door.

        Parameters
        ----------
        road
            Number of the road.
        door
            Label of the door.
        """
        key = self.door_key(road, self.labels.get(door))
        return self.by_door.get(key) if key >= 0 else []

    def records(self, spot: int) -> list[Record]:
        """Return all records of a spot, sorted by building, entrance and room."""
        if spot in self.changed:
            return self._alive(self.changed[spot])
        low, high = self._range(spot)
        return self._alive(self._between(low, high))

    def _alive(self, records: list[Record]) -> list[Record]:
        """Leave out the records of rows that were removed, which aliases may still lead to."""
        if not self.removed:
            return records
        return [record for record in records if record[3] not in self.removed]

    def records_in(self, spot: int, building: int) -> list[Record]:
        """Return the records of one building of a spot; ``building`` -1 for those without a building."""
        if spot in self.changed:
            return [record for record in self._alive(self.changed[spot]) if record[0] == building]
        low, high = self._range(spot)
        first = bisect_left(self._buildings, building, low, high)
        return self._alive(self._between(first, bisect_right(self._buildings, building, first, high)))

    def has_records(self, spot: int) -> bool:
        """Return whether a spot has any record left."""
        if spot in self.changed or self.removed:
            return bool(self.records(spot))
        low, high = self._range(spot)
        return high > low

    def has_buildings(self, spot: int) -> bool:
        """Return whether any record of a spot has a building."""
        if spot in self.changed:
            return any(record[0] >= 0 for record in self.changed[spot])
        low, high = self._range(spot)
        return high > low and self._buildings[high - 1] >= 0

    def _range(self, spot: int) -> tuple[int, int]:
        if spot + 1 >= len(self._starts):
            return 0, 0
        return self._starts[spot], self._starts[spot + 1]

    def _between(self, low: int, high: int) -> list[Record]:
        return list(zip(*(each[low:high] for each in self._records), strict=True))

    def find_spot(self, area: int, road: int, door: int, name: int) -> int:
        """Return the spot with exactly these parts, -1 where there is none."""
        known = self.by_name.get(name) if name >= 0 else self.by_door.get(self.door_key(road, door))
        if name < 0 and self.door_key(road, door) < 0:
            known = self.by_door.get(self.nameless_key(area, road))
        wanted = (area, road, door, name)
        return next((spot for spot in known if self.parts(spot) == wanted), NOTHING)

    @staticmethod
    def nameless_key(area: int, road: int) -> int:
        """Return the key of spots that have neither door nor name: beyond all keys of doors."""
        return 1 << 62 | (area + 1) << 31 | (road + 1)

    def parts(self, spot: int) -> tuple[int, int, int, int]:
        """Return area, road, door and name of a spot."""
        return self.spot_area[spot], self.spot_road[spot], self.spot_door[spot], self.spot_name[spot]

    def grid(self, row: int) -> str | None:
        """Return the grid code of a row, or None."""
        number = self.row_grid[row]
        return self.grids.texts[number] if number >= 0 else None

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Hashes of the ids as they were built, sorted, and their rows: made when a row is first changed."""
        base = self.ids.base
        hashes = np.fromiter((zlib.crc32(each.encode()) for each in base), dtype=np.uint32, count=len(base))
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order

    def find_row(self, address_id: str) -> int:
        """Return the row with an id, -1 where there is none."""
        hashes, order = self._by_id
        low, high = np.searchsorted(hashes, zlib.crc32(address_id.encode()), "left"), len(hashes)
        while low < high and hashes[low] == zlib.crc32(address_id.encode()):
            row = int(order[low])
            if row not in self.removed and self.ids[row] == address_id:
                return row
            low += 1
        base = len(self.ids.base)
        later = (base + k for k, each in enumerate(self.ids.added) if each == address_id)
        return next((row for row in later if row not in self.removed), NOTHING)


def strings_column(texts: Sequence[str]) -> Column[str]:
    """Return a column over texts stored as arrays."""
    return Column(Strings.of(texts))
