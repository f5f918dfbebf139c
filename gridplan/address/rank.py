"""Spots that a query may mean, weighed by evidence and checked against the table."""

from __future__ import annotations

from dataclasses import dataclass, field

from gridplan.address.analysis import Analysis, DoorHit, NameHit, Piece, add_near_names
from gridplan.address.fuzzy import distance
from gridplan.address.gazetteer import FULL, OLD, Gazetteer
from gridplan.address.index import Index, Record
from gridplan.address.tail import DASHED, NUMBER, SAID, Reading, readings, unit_alone
from gridplan.address.variants import ALIAS, EXACT, PHASE, STEM, same_kind, variants

# Points: what each piece of evidence is worth. They order candidates; the confidence is fitted to the table.
_NAME = {EXACT: 6.0, ALIAS: 5.9, PHASE: 5.4, STEM: 5.0}
_DOOR = 5.0
_EDIT = 1.6
_PER_CHARACTER = 0.3
_AGREES = (0.1, 0.2, 0.6, 0.5, 0.2)
_DIFFERS = (3.0, 3.0, 3.0, 1.5, 0.25)
_OTHER_DOOR = 2.0
_LEFT_OVER, _MOST_LEFT_OVER, _OTHER_KIND = 0.7, 2.1, 3.0
_IN_LONGER = 1.5
_BUILDING = {"found": 1.0, "weak": 0.2, "missing": -0.7, "unsaid": 0.0, "none": 0.0}
# Points behind the best before buildings are read: more than buildings can give (1.85) and than a clear lead (1.5).
_HOPELESS = 3.5
# Bounds on the time that one query can take: spots of one name, spots in all, names before the best are sought.
_MOST_SPOTS, _MOST_CHOICES, _MANY_NAMES = 400, 500, 40


@dataclass
class Choice:
    """
    One spot and how well the query fits it.

    Parameters
    ----------
    spot
        Number of the spot.
    name, door
        The pieces of the query that led to it.
    score
        Sum of points.
    area
        Points of areas that agree or differ.
    clash
        Worst contradiction of an area, in points.
    before, between
        Characters beside the name that nothing explains.
    other_kind
        Whether another kind of estate follows the name.
    other_door
        Whether the query names a door that this spot does not have.
    reading
        The digits read as a building that the table has, or that it lacks.
    building
        ``found``, ``weak``, ``missing``, ``unsaid`` or ``none`` (the spot has no buildings).
    records
        Records of the spot that fit.
    """

    spot: int
    name: NameHit | None = None
    door: DoorHit | None = None
    score: float = 0.0
    area: float = 0.0
    clash: float = 0.0
    before: int = 0
    between: int = 0
    other_kind: bool = False
    other_door: bool = False
    reading: Reading | None = None
    building: str = "none"
    records: list[Record] = field(default_factory=list)


def choices(found: Analysis, gazetteer: Gazetteer, index: Index, hidden: frozenset[int] = frozenset()) -> list[Choice]:
    """
    Return the spots that a query may mean, best first.

    Parameters
    ----------
    found
        What the query says.
    gazetteer, index
        The table.
    hidden
        Spots to leave out, as if the table did not have them.
    """
    made = _gather(found, gazetteer, index, hidden)
    if _needs_near(found, made):
        add_near_names(found, gazetteer)
        made = _gather(found, gazetteer, index, hidden)
    for choice in made:
        _weigh(choice, found, gazetteer, index)
    least = max((choice.score for choice in made), default=0.0) - _HOPELESS
    made = [choice for choice in made if choice.score >= least]
    for choice in made:
        _check(choice, found, index)
    made.sort(key=lambda each: (-each.score, each.spot))
    if made and found.foreign:
        found.foreign = [place for place in found.foreign if not _within(place, made[0].name)]
    return made


def _within(place: tuple[int, int], name: NameHit | None) -> bool:
    """Return whether a place elsewhere is only the end of a misspelt name (城东区, a district, in 锦绣星城东区)."""
    return name is not None and name.start < place[0] and place[1] <= name.end


def _needs_near(found: Analysis, made: list[Choice]) -> bool:
    """Look for misspelt names unless a full name, or a door, already explains the query."""
    for choice in made:
        name = choice.name
        if name is not None and name.how <= PHASE:
            before, between, other = found.left_over(name.start, name.end)
            if not before and not between and not other and not found.after(name.end):
                return False
        if choice.door is not None and choice.door.cost == 0:
            return False
    return True


def _gather(found: Analysis, gazetteer: Gazetteer, index: Index, hidden: frozenset[int]) -> list[Choice]:
    made: dict[int, Choice] = {}
    for door in found.doors:
        for spot in door.spots:
            if spot not in hidden:
                known = made.setdefault(spot, Choice(spot))
                if known.door is None or door.cost < known.door.cost:
                    known.door = door
    for hit in _best_first(found):
        if len(made) >= _MOST_CHOICES:
            break
        for spot in _spots(hit, found, gazetteer, index):
            if spot not in hidden:
                known = made.setdefault(spot, Choice(spot))
                if known.name is None or _net_points(hit, found) > _net_points(known.name, found):
                    known.name = hit
    return [choice for choice in made.values() if index.has_records(choice.spot)]


def _best_first(found: Analysis) -> list[NameHit]:
    """Return the names as they are, or the best first where a text names so many that not all can be followed."""
    if len(found.names) <= _MANY_NAMES:
        return found.names
    return sorted(found.names, key=lambda hit: -_name_points(hit))


def _spots(hit: NameHit, found: Analysis, gazetteer: Gazetteer, index: Index) -> list[int]:
    """Return the spots of a name; of very many, those in the areas that the query names."""
    spots = index.by_name.get(hit.name)
    if len(spots) <= _MOST_SPOTS:
        return spots
    wanted: set[int] = set().union(*(each.nodes for each in found.areas if each.how == FULL))
    named = [spot for spot in spots if wanted & set(gazetteer.paths[index.spot_area[spot]])]
    return (named or spots)[:_MOST_SPOTS]


def _name_points(hit: NameHit) -> float:
    length = max(len(hit.form), 2)
    return _NAME[hit.how] + _PER_CHARACTER * length - _EDIT * hit.cost * 6 / max(length, 3)


def _net_points(hit: NameHit, found: Analysis) -> float:
    before, between, other = found.left_over(hit.start, hit.end)
    lost = min(_LEFT_OVER * (before + between), _MOST_LEFT_OVER) + (
        _OTHER_KIND if other == 2 or (other and hit.how != EXACT) else 0.0
    )
    return _name_points(hit) - lost


def _weigh(choice: Choice, found: Analysis, gazetteer: Gazetteer, index: Index) -> None:
    """Weigh what the words say of a spot; what the table says of its buildings comes after."""
    if choice.door is not None and choice.name is None:
        _name_at_door(choice, found, index)
    score = 0.0
    if choice.name is not None:
        score += _name_points(choice.name)
        choice.before, choice.between, choice.other_kind = _left_over(choice, found)
        score -= min(_LEFT_OVER * (choice.before + choice.between), _MOST_LEFT_OVER)
        score -= _OTHER_KIND if choice.other_kind else 0.0
        score -= _IN_LONGER if _in_longer(choice.name, found) else 0.0
    if choice.door is not None:
        score += _DOOR - _EDIT * choice.door.cost
    elif found.doors and index.spot_door[choice.spot] >= 0:
        choice.other_door = True
        score -= _OTHER_DOOR
    area = index.spot_area[choice.spot]
    known = found.area_points.get(area)
    if known is None:
        known = found.area_points[area] = _areas(found, gazetteer.paths[area], gazetteer)
    choice.area, choice.clash = known
    choice.score = score + choice.area


def _check(choice: Choice, found: Analysis, index: Index) -> None:
    """Check the building against the table."""
    _read_building(choice, found, index)
    choice.score += _BUILDING[choice.building] + _plain(choice, index)


def _in_longer(name: NameHit, found: Analysis) -> bool:
    """Return whether a name is the start of a longer one that the query spells almost rightly (天官府幼园儿)."""
    return any(
        each.start <= name.start and each.end >= name.end + 2 and each.how <= ALIAS and each.cost <= 1.0
        for each in found.names
        if each.name != name.name
    )


def _plain(choice: Choice, index: Index) -> float:
    """Prefer, of two ways to say the same, the standard one; and a spot with a row of its own where none is said."""
    whole = choice.building in {"unsaid", "missing"} and bool(index.records_in(choice.spot, -1))
    return 0.1 * whole - 0.05 * index.spot_alias[choice.spot]


def _left_over(choice: Choice, found: Analysis) -> tuple[int, int, bool]:
    name = choice.name
    if name is None:
        return 0, 0, False
    before, between, other = found.left_over(name.start, name.end)
    if choice.door is not None and choice.door.cost == 0:
        return 0, 0, other > 0 and name.how == STEM
    if name.cost > 0 and not same_kind(found.text[name.start : name.end], name.form):
        return before, between, True
    return before, between, other == 2 or (other == 1 and (name.cost > 0 or name.how != EXACT or not _complete(name)))


def _complete(name: NameHit) -> bool:
    """Return whether a name already ends in a kind of estate, so that one more behind it says nothing new."""
    return len(variants(name.form)) > 1


def _name_at_door(choice: Choice, found: Analysis, index: Index) -> None:
    """Compare the name of the place at a door with the words that follow the door."""
    door, number = choice.door, index.spot_name[choice.spot]
    if door is None or number < 0:
        return
    words = found.text[door.end : door.end + 14].strip()
    best: NameHit | None = None
    for form, how in variants(index.names.texts[number]):
        for end in range(max(2, len(form) - 1), min(len(words), len(form) + 1) + 1):
            cost = distance(form, words[:end])
            hit = NameHit(number, how, cost, door.end, door.end + end, form)
            if cost <= 0.5 * len(form) and (best is None or _name_points(hit) > _name_points(best)):
                best = hit
    choice.name = best


def _areas(found: Analysis, path: tuple[int, ...], gazetteer: Gazetteer) -> tuple[float, float]:
    """Return the points of the areas that the query names, and the worst contradiction."""
    points, clash = 0.0, 0.0
    own = set(path)
    for mention in found.areas:
        levels = [gazetteer.nodes[node].level for node in mention.nodes]
        level = min(levels)
        if path[level] < 0:
            continue
        if mention.nodes & own:
            points += _AGREES[level]
        else:
            worst = _DIFFERS[level] * (1.0 if mention.how == FULL else 0.5 if mention.how == OLD else 0.3)
            points -= worst
            clash = max(clash, worst)
    return points, clash


def _read_building(choice: Choice, found: Analysis, index: Index) -> None:
    """Read the digits as a building of the spot; what the words say plainly is never replaced by another number."""
    spot = choice.spot
    if not index.has_buildings(spot):
        choice.records = _narrow(index.records_in(spot, -1), unit_alone(found.text), "", index)
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
