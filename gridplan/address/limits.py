"""What keeps an answer from being accepted, however sure it looks: others that equal it, and hard rules."""

from __future__ import annotations

import re

from gridplan.address.choice import Choice
from gridplan.address.findings import Analysis, NameHit
from gridplan.address.fuzzy import SWAPPED
from gridplan.address.index import Index
from gridplan.address.sounds import sound
from gridplan.address.variants import ALIAS, EXACT, STEM, own_length

# Points of areas from which a district or a street at least agrees; own characters of a name that a slip may change.
_PLACED, _SHORT = 0.5, 2
#: Candidates this close in points are one question to the caller, not an order: one community that agrees and another
#: that does not are just this far apart, give or take a rounding.
TIE = 0.45 + 1e-9
# Words behind a second place that make it a landmark of the first; places of one name that are looked at.
_LANDMARK = re.compile(r" ?(?:的)?(?:对面|旁边?|附近|隔壁|后[面边身]|前面|斜对|[东南西北][侧边面]|门口|路口)")
_MOST_LOOKED_AT = 50
# Characters before a road that may belong to its name.
_ANOTHER_ROAD = 2
# A name said in full leads one from which the same words leave a phase or a kind out by at most so many points;
# a community, which people often get wrong, does not part them either.
_SAME_WORDS = 1.6 + TIE


def tied(ranked: list[Choice]) -> list[Choice]:
    """
    Return the choices between which the evidence does not decide, other rows each.

    Parameters
    ----------
    ranked
        At least one choice, best first.
    """
    best = ranked[0]
    seen = {record[3] for record in best.records}
    equals = [best]
    for choice in ranked[1:]:
        behind = best.score - choice.score
        if behind > _SAME_WORDS:
            break
        rows = {record[3] for record in choice.records}
        if not rows <= seen and (behind <= TIE or _same_words(best, choice)):
            equals.append(choice)
            seen |= rows
    return equals


def rows_of(choice: Choice) -> list[int]:
    """Return the rows of a choice, each once, in their order."""
    return list(dict.fromkeys(record[3] for record in choice.records))


def is_one(rows: list[int], index: Index) -> bool:
    """Return whether rows are one address: one row, or several with the same text."""
    return len(rows) == 1 or len({index.texts[row] for row in rows}) == 1


def barred(found: Analysis, best: Choice, index: Index, crowd: float) -> bool:
    """
    Return whether a hard rule keeps an answer from being accepted.

    Parameters
    ----------
    found
        What the query says.
    best
        The answer.
    index
        The table.
    crowd
        How densely its names lie by slips: see :class:`gridplan.address.crowd.Crowd`.
    """
    rows = rows_of(best)
    return bool(
        found.foreign
        or best.other_kind
        or best.other_door
        or best.clash >= 3.0
        or (best.name is not None and best.name.how == STEM and (best.before or best.between))
        or _half_another(found, best, crowd)
        or _misspelt(best)
        or _second_place(found, best, index)
        or _in_road(found, best)
        or (len(rows) > 1 and len({index.row_grid[row] for row in rows}) > 1)
    )


def _in_road(found: Analysis, best: Choice) -> bool:
    """Return whether a short name is only the beginning of a road that the query names (锦绣 in 锦绣路)."""
    name = best.name
    if name is None or name.how != STEM or best.door is not None:
        return False
    return any(road.start <= name.start and name.end < road.end for road in found.roads)


def _misspelt(best: Choice) -> bool:
    """
    Return whether a name is not near enough for what else is said, and no door speaks for it.

    A short name with a slip (磨盘山庄 is not 磨盘山新 of 磨盘山新城) needs its street; and a place without buildings is
    none of another spelling that has some, nor is one that lacks the building said, nor one within words that nothing
    explains (锦桂农贸市场 is not 锦桂苑). One or two characters right before
    a road make another road of it (梅青山村 is not 青山村).
    """
    name = best.name
    if name is None:
        return 0 < best.road_before <= _ANOTHER_ROAD
    if best.door is not None or name.cost == 0:
        return False
    slip = name.cost >= SWAPPED
    stem = slip and name.how == STEM and best.area < 2 * _PLACED
    in_words = slip and (best.before or best.between)
    return bool(stem or in_words or best.no_buildings or best.building == "missing")


def _second_place(found: Analysis, best: Choice, index: Index) -> bool:
    """Return whether the query names another place in full elsewhere, and not only as a landmark."""
    taken = [each for each in (best.name, best.door) if each is not None]
    return any(
        hit.how in {EXACT, ALIAS}
        and hit.cost == 0
        and all(hit.end <= each.start or each.end <= hit.start for each in taken)
        and not _LANDMARK.match(found.text, hit.end)
        and not _is_at(hit, best, index)
        for hit in found.names
    )


def _is_at(hit: NameHit, best: Choice, index: Index) -> bool:
    """Return whether some place of a name is the one that was found: by the same spot, road and door, or row."""
    area, road, door, _ = index.parts(best.spot)
    rows = set(rows_of(best))
    return any(
        (door >= 0 and index.parts(spot)[1:3] == (road, door))
        or (door < 0 and index.spot_area[spot] == area)
        or rows & {record[3] for record in index.records(spot)}
        for spot in index.by_name.get(hit.name)[:_MOST_LOOKED_AT]
    )


def _half_another(found: Analysis, best: Choice, crowd: float) -> bool:
    """
    Return whether one of a name's few own characters sounds otherwise, and no place or door speaks for it.

    The more names of the table differ by one character, the longer a name must be, and the smaller the area named.
    """
    name = best.name
    if name is None or name.cost == 0 or best.door is not None or best.area >= _PLACED * max(1.0, crowd):
        return False
    own = own_length(name.form)
    said = found.text[name.start : name.start + own]
    return (
        own <= _SHORT + int(crowd)
        and len(said) == own
        and sum(map(str.__ne__, sound(said), sound(name.form[:own]))) == 1
    )


def _same_words(best: Choice, other: Choice) -> bool:
    """Return whether the words that name the best name the other as well, and nothing else in the query parts them."""
    one, two = best.name, other.name
    if one is None or two is None:
        return False
    return (
        (one.start, one.end, one.form, one.cost) == (two.start, two.end, two.form, two.cost)
        and (best.door is None) == (other.door is None)
        and best.building == other.building
        and other.area >= best.area - TIE
        and other.other_kind == best.other_kind
    )
