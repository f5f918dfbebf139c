"""From rows of a table to the index, and later changes to it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gridplan.address.index import NOTHING, Column, Index, Record
from gridplan.address.postings import Postings
from gridplan.address.standard import Grammar, Parts
from gridplan.address.strings import Strings, Vocabulary
from gridplan.address.text import fold

Ints = NDArray[np.int32]
#: Area, road, door, name, building, entrance, room as numbers.
Numbers = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """
    One address of the table.

    Parameters
    ----------
    address_id
        Its id.
    address
        The standard address.
    aliases
        Other names: a full address, a road and door, or the name of the compound alone.
    grid_code
        Its grid, "" where unknown.
    lon, lat
        WGS 84 degrees, NaN where unknown.
    """

    address_id: str
    address: str
    aliases: tuple[str, ...] = ()
    grid_code: str = ""
    lon: float = float("nan")
    lat: float = float("nan")


@dataclass
class Words:
    """The words of a table while it is read, and the grammar that its addresses have taught."""

    grammar: Grammar
    names: Vocabulary = field(default_factory=Vocabulary)
    roads: Vocabulary = field(default_factory=Vocabulary)
    labels: Vocabulary = field(default_factory=Vocabulary)
    areas: list[tuple[str, ...]] = field(default_factory=list)
    _area_numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._area_numbers = {area: k for k, area in enumerate(self.areas)}

    def area(self, area: tuple[str, ...]) -> int:
        """Return the number of an area, giving it one where it has none."""
        number = self._area_numbers.get(area)
        if number is None:
            number = self._area_numbers[area] = len(self.areas)
            self.areas.append(area)
        return number

    def numbers(self, parts: Parts) -> Numbers:
        """Return the parts of an address as numbers, -1 for what it lacks."""
        add = self.labels.add
        return (
            self.area(parts.areas),
            self.roads.add(parts.road) if parts.road else NOTHING,
            add(parts.door) if parts.door else NOTHING,
            self.names.add(parts.name) if parts.name else NOTHING,
            add(parts.building) if parts.building else NOTHING,
            add(parts.unit) if parts.unit else NOTHING,
            add(parts.room) if parts.room else NOTHING,
        )

    def records(self, row: Row) -> Iterator[tuple[Numbers, bool]]:
        """Yield the ways to write a row, and whether each is an alias."""
        parts = self.grammar.parse(fold(row.address))
        yield self.numbers(parts), False
        for alias in row.aliases:
            if text := fold(alias):
                yield self.numbers(in_place(self.grammar.parse(text), parts)), True


def in_place(alias: Parts, own: Parts) -> Parts:
    """
    Complete an alias by what it leaves to the row itself.

    Parameters
    ----------
    alias
        The alias taken apart.
    own
        The row's standard address taken apart.
    """
    areas = alias.areas if any(alias.areas) else own.areas
    tail = (alias.building, alias.unit, alias.room)
    building, unit, room = tail if any(tail) else (own.building, own.unit, own.room)
    road, door = (alias.road, alias.door) if alias.road else (own.road, own.door)
    return Parts(areas, road, door, alias.name, building, unit, room)


def build(rows: Sequence[Row], grammar: Grammar) -> Index:
    """
    Index a table.

    Parameters
    ----------
    rows
        Addresses with different ids.
    grammar
        What its addresses have taught.
    """
    words = Words(grammar)
    columns = [array("i") for _ in range(9)]
    for place, row in enumerate(rows):
        for numbers, alias in words.records(row):
            for column, value in zip(columns, (*numbers, int(alias), place), strict=True):
                column.append(value)
    arrays = [_ints(column) for column in columns]
    grids = Vocabulary()
    codes = array("i", (grids.add(row.grid_code) if row.grid_code else NOTHING for row in rows))
    area, road, door, name, building, unit, room, is_alias, of_row = arrays
    spot, firsts = _spots(area, road, door, name)
    only_alias = np.ones(len(firsts), dtype=np.int8)
    np.minimum.at(only_alias, spot, is_alias.astype(np.int8))
    spots = Spots(area[firsts], road[firsts], door[firsts], name[firsts])
    below = _below_aliases(spot, building, is_alias, of_row)
    spot = np.concatenate([spot, below.spot])
    building, unit, room, of_row = (
        np.concatenate([each, each[below.record]]) for each in (building, unit, room, of_row)
    )
    order = np.lexsort((of_row, room, unit, building, spot))
    starts = np.searchsorted(spot[order], np.arange(len(firsts) + 1)).astype(np.int64)
    by_name, by_door = spots.postings()
    return Index(
        names=words.names, roads=words.roads, labels=words.labels, grids=grids, areas=words.areas,
        spot_area=Column(spots.area), spot_road=Column(spots.road), spot_door=Column(spots.door),
        spot_name=Column(spots.name), spot_alias=Column(only_alias), starts=starts,
        building=building[order], unit=unit[order], room=room[order], row=of_row[order],
        ids=Column(Strings.of(each.address_id for each in rows)),
        texts=Column(Strings.of(each.address for each in rows)),
        row_grid=Column(_ints(codes)),
        lon=Column(np.fromiter((each.lon for each in rows), dtype=np.float64, count=len(rows))),
        lat=Column(np.fromiter((each.lat for each in rows), dtype=np.float64, count=len(rows))),
        by_name=by_name, by_door=by_door,
    )  # fmt: skip


def _ints(column: array[int]) -> Ints:
    return np.frombuffer(column, dtype=np.int32) if column else np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Spots:
    """Numbers of area, road, door and name of all spots, each of shape (n,), -1 for what a spot lacks."""

    area: Ints
    road: Ints
    door: Ints
    name: Ints

    def postings(self) -> tuple[Postings, Postings]:
        """Return the spots by name, and by road and door."""
        spots = np.arange(len(self.name), dtype=np.int32)
        road, area = self.road.astype(np.int64), self.area.astype(np.int64)
        doors = np.where((self.road >= 0) & (self.door >= 0), road << 32 | self.door, NOTHING)
        bare = (doors < 0) & (self.name < 0)
        nameless = np.int64(1) << 62 | (area + 1) << 31 | (road + 1)
        by_name = Postings.of(self.name.astype(np.int64), spots)
        return by_name, Postings.of(np.where(bare, nameless, doors), spots)


@dataclass(frozen=True)
class Below:
    """Records that aliases of a whole compound gain: the alias's spot, and the record to repeat there."""

    spot: Ints
    record: NDArray[np.int64]


def _below_aliases(spot: Ints, building: Ints, is_alias: Ints, row: Ints) -> Below:
    """Let an alias of a compound's own row stand for the compound with all its buildings."""
    standard = np.flatnonzero(is_alias == 0)
    own = np.empty(int(row.max(initial=-1)) + 1, dtype=np.int32)
    own[row[standard]] = spot[standard]
    whole = np.flatnonzero((is_alias == 1) & (building < 0))
    pairs = np.unique(np.column_stack([spot[whole], own[row[whole]]]), axis=0)
    by_spot = standard[np.argsort(spot[standard], kind="stable")]
    first, last = (np.searchsorted(spot[by_spot], pairs[:, 1], side) for side in ("left", "right"))
    known = set(zip(spot[is_alias == 1].tolist(), row[is_alias == 1].tolist(), strict=True))
    spots, records = [], []
    for alias, low, high in zip(pairs[:, 0].tolist(), first.tolist(), last.tolist(), strict=True):
        for record in by_spot[low:high].tolist():
            if (alias, int(row[record])) not in known:
                spots.append(alias)
                records.append(record)
    return Below(np.array(spots, dtype=np.int32), np.array(records, dtype=np.int64))


def _spots(*parts: Ints) -> tuple[Ints, NDArray[np.int64]]:
    """Number the different spots; return each record's spot, and a record of each spot."""
    order = np.lexsort(parts)
    fresh = np.zeros(len(order), dtype=bool)
    fresh[:1] = True
    for part in parts:
        sorted_part = part[order]
        fresh[1:] |= sorted_part[1:] != sorted_part[:-1]
    spot = np.empty(len(order), dtype=np.int32)
    spot[order] = np.cumsum(fresh, dtype=np.int32) - 1
    return spot, order[fresh]


def add_row(index: Index, words: Words, row: Row) -> None:
    """
    Add a row to an index without building it again.

    Parameters
    ----------
    index
        Changed in place.
    words
        Words over the index's own vocabularies.
    row
        A row whose id the index does not have.
    """
    place = len(index.ids)
    grid = index.grids.add(row.grid_code) if row.grid_code else NOTHING
    for column, value in zip(
        (index.ids, index.texts, index.row_grid, index.lon, index.lat),
        (row.address_id, row.address, grid, row.lon, row.lat),
        strict=True,
    ):
        column.append(value)  # type: ignore[attr-defined]
    written = list(words.records(row))
    for numbers, alias in written:
        _add_record(index, numbers, place, alias=alias)
    _share_with_aliases(index, index.find_spot(*written[0][0][:4]))


def _share_with_aliases(index: Index, spot: int) -> None:
    """Give the aliases of a compound's own row the records that the compound has."""
    own = index.records(spot)
    whole = {record[3] for record in own if record[0] < 0}
    key = index.door_key(index.spot_road[spot], index.spot_door[spot])
    for other in index.by_door.get(key) if key >= 0 else []:
        held = index.records(other)
        if index.spot_alias[other] and whole & {record[3] for record in held if record[0] < 0}:
            rows = {record[3] for record in held}
            index.changed[other] = sorted([*held, *(record for record in own if record[3] not in rows)])


def _add_record(index: Index, numbers: Numbers, row: int, *, alias: bool) -> None:
    area, road, door, name, *labels = numbers
    spot = index.find_spot(area, road, door, name)
    if spot < 0:
        spot = len(index.spot_area)
        columns = (index.spot_area, index.spot_road, index.spot_door, index.spot_name, index.spot_alias)
        for column, value in zip(columns, (area, road, door, name, int(alias)), strict=True):
            column.append(value)
        index.by_name.add(name, spot)
        key = index.door_key(road, door)
        index.by_door.add(key if key >= 0 or name >= 0 else index.nameless_key(area, road), spot)
    if not alias and index.spot_alias[spot]:
        index.spot_alias.replaced[spot] = 0
    record: Record = (labels[0], labels[1], labels[2], row)
    index.changed[spot] = sorted([*index.records(spot), record])


def remove_row(index: Index, words: Words, row: int) -> None:
    """
    Take a row from an index: its place stays empty, and what aliases it had lead nowhere.

    Parameters
    ----------
    index
        Changed in place.
    words
        Words over the index's own vocabularies.
    row
        Number of the row.
    """
    for numbers, _ in words.records(Row(index.ids[row], index.texts[row])):
        spot = index.find_spot(*numbers[:4])
        if spot >= 0:
            index.changed[spot] = [record for record in index.records(spot) if record[3] != row]
    index.removed.add(row)
