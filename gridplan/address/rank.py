"""Spots that a query may mean, weighed by evidence and checked against the table."""

from __future__ import annotations

from gridplan.address.analysis import add_near_names
from gridplan.address.building import read_building
from gridplan.address.choice import Choice
from gridplan.address.findings import Analysis, NameHit
from gridplan.address.fuzzy import distance
from gridplan.address.gazetteer import FULL, OLD, Gazetteer
from gridplan.address.index import Index
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
_IN_LONGER, _STEM_IN_WORDS = 1.5, 1.0
_BUILDING = {"found": 1.0, "weak": 0.2, "missing": -0.7, "unsaid": 0.0, "none": 0.0}
# Points behind the best before buildings are read: more than buildings can give (1.85) and than a clear lead (1.5).
_HOPELESS = 3.5
# Bounds on the time that one query can take: spots of one name, spots in all, names before the best are sought.
_MOST_SPOTS, _MOST_CHOICES, _MANY_NAMES = 400, 500, 40


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
            misspelt_phase = name.how == PHASE and "\u4e00" <= found.text[name.end : name.end + 1] <= "\u9fff"
            if not (before or between or other or misspelt_phase or found.after(name.end)):
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
    lost = _lost(hit, before + between) + (_OTHER_KIND if other == 2 or (other and hit.how != EXACT) else 0.0)
    return _name_points(hit) - lost


def _lost(hit: NameHit, left_over: int) -> float:
    """Return what unexplained characters beside a name cost; beside a short name they make it another place."""
    if not left_over:
        return 0.0
    return min(_LEFT_OVER * left_over, _MOST_LEFT_OVER) + (_STEM_IN_WORDS if hit.how == STEM else 0.0)


def _weigh(choice: Choice, found: Analysis, gazetteer: Gazetteer, index: Index) -> None:
    """Weigh what the words say of a spot; what the table says of its buildings comes after."""
    if choice.door is not None and (choice.name is None or choice.name.how == STEM):
        _name_at_door(choice, found, index)
    score = 0.0
    if choice.name is not None:
        score += _name_points(choice.name)
        choice.before, choice.between, choice.other_kind = _left_over(choice, found)
        score -= _lost(choice.name, choice.before + choice.between)
        score -= _OTHER_KIND if choice.other_kind else 0.0
        score -= _IN_LONGER if _in_longer(choice.name, found) else 0.0
    if choice.door is not None:
        choice.road_before = found.before(choice.door.start)
        score += _DOOR - _EDIT * choice.door.cost - min(_LEFT_OVER * choice.road_before, _MOST_LEFT_OVER)
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
    read_building(choice, found, index)
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
    best = choice.name
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
