"""The building, entrance and room that a query says, checked against those that a place has."""

from __future__ import annotations

from gridplan.address.choice import Choice
from gridplan.address.findings import Analysis, Piece
from gridplan.address.gazetteer import FULL
from gridplan.address.index import Index, Record
from gridplan.address.tail import DASHED, NUMBER, SAID, Reading, readings, unit_alone


def read_building(choice: Choice, found: Analysis, index: Index) -> None:
    """
    Read the digits as a building of the spot; what the words say plainly is never replaced by another number.

    Parameters
    ----------
    choice
        Gets ``building``, ``reading``, ``records`` and ``no_buildings``.
    found
        What the query says.
    index
        The table.
    """
    spot = choice.spot
    if not index.has_buildings(spot):
        choice.records = _narrow(index.records_in(spot, -1), unit_alone(found.text), "", index)
        choice.no_buildings = any(reading.belief == SAID for reading in _readings(choice, found))
        return
    first: Reading | None = None
    for reading in _readings(choice, found):
        if first is not None and not _same_words(first, reading):
            break
        first = first or reading
        number = index.labels.get(reading.building)
        records = index.records_in(spot, number) if number >= 0 else []
        if records:
            choice.building = "found" if reading.belief >= NUMBER else "weak"
            choice.reading = reading
            choice.records = _narrow(records, reading.unit, reading.room, index)
            return
    said = first is not None and first.belief in {SAID, DASHED, NUMBER}
    choice.building = "missing" if said else "unsaid"
    choice.reading = first if said else None
    choice.records = index.records_in(spot, -1) or index.records(spot)


def _same_words(first: Reading, other: Reading) -> bool:
    """Return whether a reading may stand in for the first: of other digits only where the first was a guess."""
    if first.belief == SAID:
        return other.belief == SAID and other.start == first.start
    return first.belief < NUMBER or other.start == first.start


def _readings(choice: Choice, found: Analysis) -> list[Reading]:
    """Read the digits beside a place; many spots share one name, so each place of the text is read once."""
    known: tuple[Piece | None, ...] = (choice.name, choice.door)
    key = tuple((each.start, each.end) if each is not None else (-1, -1) for each in known)
    if key not in found.readings:
        found.readings[key] = readings(_residual(choice, found), _end(choice))
    return found.readings[key]


def _residual(choice: Choice, found: Analysis) -> str:
    blank = list(found.text)
    for each in (*(area for area in found.areas if area.how == FULL), choice.name, choice.door):
        if each is not None:
            blank[each.start : each.end] = " " * (each.end - each.start)
    return "".join(blank)


def _end(choice: Choice) -> int:
    return max(each.end for each in (choice.name, choice.door) if each is not None)


def _narrow(records: list[Record], unit: str, room: str, index: Index) -> list[Record]:
    """Go down to entrance and room as far as the table has them; where it has not, the larger place stands."""
    number = index.labels.get(unit) if unit else -1
    below = [record for record in records if record[1] == number] if number >= 0 else []
    if below:
        inner = index.labels.get(room) if room else -1
        return [record for record in below if record[2] == inner] or _whole(below, 2)
    inner = index.labels.get(room) if room else -1
    rooms = [record for record in records if inner >= 0 and record[2] == inner]
    return rooms if len(rooms) == 1 else _whole(records, 1)


def _whole(records: list[Record], level: int) -> list[Record]:
    """Return the records that stand for the whole, or all where the table has none such."""
    return [record for record in records if all(part < 0 for part in record[level:3])] or records
