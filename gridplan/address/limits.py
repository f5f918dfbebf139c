"""What keeps an answer from being accepted, however sure it looks: others that equal it, and hard rules."""

from __future__ import annotations

from gridplan.address.analysis import Analysis
from gridplan.address.index import Index
from gridplan.address.rank import Choice
from gridplan.address.sounds import sound
from gridplan.address.variants import STEM, own_length

# Points of areas from which a district or a street at least agrees; own characters of a name that a slip may change.
_PLACED, _SHORT = 0.5, 2
#: Candidates this close in points are one question to the caller, not an order: one community that agrees and another
#: that does not are just this far apart, give or take a rounding.
TIE = 0.45 + 1e-9
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


def barred(found: Analysis, best: Choice, index: Index) -> bool:
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
    """
    rows = rows_of(best)
    return bool(
        found.foreign
        or best.other_kind
        or best.other_door
        or best.clash >= 3.0
        or (best.name is not None and best.name.how == STEM and (best.before or best.between))
        or _half_another(found, best)
        or _in_road(found, best)
        or (len(rows) > 1 and len({index.row_grid[row] for row in rows}) > 1)
    )


def _in_road(found: Analysis, best: Choice) -> bool:
    """Return whether a short name is only the beginning of a road that the query names (锦绣 in 锦绣路)."""
    name = best.name
    if name is None or name.how != STEM or best.door is not None:
        return False
    return any(road.start <= name.start and name.end < road.end for road in found.roads)


def _half_another(found: Analysis, best: Choice) -> bool:
    """Return whether half of a name's own two characters sounds otherwise, and no place or door speaks for it."""
    name = best.name
    if name is None or name.cost == 0 or best.door is not None or best.area >= _PLACED:
        return False
    own = own_length(name.form)
    said = found.text[name.start : name.start + own]
    return own <= _SHORT and len(said) == own and sum(map(str.__ne__, sound(said), sound(name.form[:own]))) == 1


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
