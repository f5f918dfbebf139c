"""From a query taken apart to the houses of the table that it may mean, each with the evidence for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from gridplan.address.street import Number, Place, WayKey
from gridplan.address.street_index import House, StreetIndex, lessened

#: Share of the evidence that is left where a part is as named. Only their order matters: what they are worth in a
#: table is measured when it is loaded (see ``street_confidence``).
WEIGHTS = {
    "road without its kind": 0.95,
    "road nearly": 0.80,
    "section missing": 0.90,
    "section unknown": 0.75,
    "within a range": 0.97,
    "one of several": 0.93,
    "another door": 0.50,
    "something else": 0.70,
    "city": 0.15,
    "district": 0.40,
    "village": 0.85,
    "hood": 0.95,
    "postcode": 0.90,
}
#: Evidence with which no answer is accepted, however sure the table is of it.
NEVER_ACCEPTED = frozenset({"road nearly", "section unknown", "another door", "something else", "city", "district"})
# A road is looked for by single changes only from this length on; shorter names have too many neighbours.
_SHORTEST_NEAR = 3


@dataclass(frozen=True)
class Found:
    """
    A house that a query may mean.

    Parameters
    ----------
    row
        Place of its row in the table; of several with the same address, of the first.
    rows
        All rows with this address.
    score
        Product of the weights of ``evidence``.
    evidence
        What does not agree, by the names of :data:`WEIGHTS`; empty where all does.
    place
        The reading of the query.
    unit
        Whether the flat or floor was found too.
    """

    row: int
    rows: tuple[int, ...]
    score: float
    evidence: frozenset[str]
    place: Place
    unit: bool = False


def search(index: StreetIndex, places: Iterable[Place], hidden: Container[int] = ()) -> list[Found]:
    """
    Return the houses that a query may mean, best first.

    Parameters
    ----------
    index
        The table.
    places
        The readings of the query.
    hidden
        Places of rows that are treated as if the table lacked them.
    """
    found: dict[tuple[int, ...], Found] = {}
    for place in places:
        for each in _of_reading(index, place, hidden):
            if each.rows not in found or found[each.rows].score < each.score:
                found[each.rows] = each
    return sorted(found.values(), key=lambda each: (-each.score, each.row))


def ways_of(index: StreetIndex, place: Place) -> list[tuple[WayKey, frozenset[str]]]:
    """
    Return the ways of the table that a reading may mean, with the evidence against each.

    Parameters
    ----------
    index
        The table.
    place
        A reading.
    """
    exact = _sections(index, place.way, frozenset())
    if exact:
        return exact
    road = place.way[0]
    for evidence, names in (("road without its kind", _by_stem(index, road)), ("road nearly", near(index, road))):
        ways = [way for name in names for way in _sections(index, (name, *place.way[1:]), frozenset({evidence}))]
        if ways:
            return ways
    return []


def _of_reading(index: StreetIndex, place: Place, hidden: Container[int]) -> Iterator[Found]:
    rest = frozenset({"something else"} if place.rest else ())
    for way, against in ways_of(index, place):
        any_found = False
        for number in place.numbers:
            for house in index.houses(way, number):
                any_found = True
                evidence = against | rest | _of_number(house.number, number, len(place.numbers))
                yield from _rows(index, house, place, evidence, hidden)
        if not any_found and len(place.numbers) == 1:
            for house in index.same_base(way, place.numbers[0].low):
                yield from _rows(index, house, place, against | rest | {"another door"}, hidden)


def _of_number(house: Number, asked: Number, n_asked: int) -> frozenset[str]:
    if house == asked:
        return frozenset({"one of several"} if n_asked > 1 else ())
    return frozenset({"one of several" if asked.is_range else "within a range"})


def _sections(index: StreetIndex, way: WayKey, against: frozenset[str]) -> list[tuple[WayKey, frozenset[str]]]:
    """Return the ways of a road with the same lane and alley: in the section named, else in any."""
    if way in index.ways:
        return [(way, against)]
    others = [each for each in index.roads.get(way[0], ()) if each[2:] == way[2:]]
    evidence = "section unknown" if way[1] else "section missing"
    return [(each, against | {evidence}) for each in others]


def _by_stem(index: StreetIndex, road: str) -> list[str]:
    """Return the roads that a name without its kind may mean; a name with another kind means none of them."""
    return index.stems.get(road, []) if index.grammar.stem(road) == road else []


def near(index: StreetIndex, road: str) -> list[str]:
    """
    Return the roads of the table whose names differ in one sign, or begin as an abbreviation says.

    Parameters
    ----------
    index
        The table.
    road
        Name that the table lacks.
    """
    if len(road) < _SHORTEST_NEAR:
        return []
    hits: dict[str, None] = {}
    for key in lessened(road):
        hits.update(dict.fromkeys(index.lessened.get(key, ())))
    return [name for name in hits if _one_change(name, road)]


def _one_change(one: str, other: str) -> bool:
    """Tell whether two names differ in one sign, or in two neighbours changed about; digits must agree."""
    if [sign for sign in one if sign.isdigit()] != [sign for sign in other if sign.isdigit()]:
        return False
    head = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[head:], other[head:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _rows(
    index: StreetIndex, house: House, place: Place, evidence: frozenset[str], hidden: Container[int]
) -> Iterator[Found]:
    """Yield the addresses of a house that agree best with flat and areas; rows with one address are one."""
    rows = [row for row in house.rows if row not in hidden]
    units = {index.unit(row) for row in rows}
    wanted = place.unit if place.unit in units else "" if "" in units else None
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[int]] = {}
    for row in rows:
        if wanted is None or index.unit(row) == wanted:
            where = tuple((kind, name) for kind, name in index.area(row).items() if kind in ("city", "district"))
            groups.setdefault((index.unit(row), where), []).append(row)
    for group in groups.values():
        against = evidence | _areas(index, group, place)
        score = 1.0
        for each in against:
            score *= WEIGHTS[each]
        yield Found(group[0], tuple(group), score, against, place, bool(place.unit) and wanted == place.unit)


def _areas(index: StreetIndex, rows: list[int], place: Place) -> set[str]:
    """Return the kinds of area in which a query says otherwise than all the rows."""
    return {
        kind
        for kind, name in place.areas.items()
        if all(_differ(index.area(row).get(kind, name), name) for row in rows)
    }


def _differ(own: str, asked: str) -> bool:
    """Tell whether two areas differ; a name without 市 or 區 is the same."""
    return own != asked and not (len(asked) > 1 and own.startswith(asked))
