"""How densely the names of a table lie: the denser, the likelier a slip of one name is another that it lacks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gridplan.address.fuzzy import SWAPPED, distance
from gridplan.address.gazetteer import Gazetteer
from gridplan.address.variants import EXACT, own_length

# Names that are asked for their neighbours, spread evenly over the table.
_ASKED = 300


@dataclass(frozen=True)
class Crowd:
    """
    The mean of log(1 + n) over a table's names, n being how many others are nearly the same in their own characters.

    Parameters
    ----------
    slips
        One other character away; 0 where each name stands alone.
    sounds
        Homophones away.
    """

    slips: float = 0.0
    sounds: float = 0.0


def crowd_of(gazetteer: Gazetteer) -> Crowd:
    """
    Measure how densely the names of a table lie.

    Parameters
    ----------
    gazetteer
        The words of a table.
    """
    full = [place for place, (_, how) in enumerate(gazetteer.name_meanings) if how == EXACT]
    asked = full[:: max(1, len(full) // _ASKED)]
    found = [_neighbours(gazetteer, place) for place in asked]
    slips, sounds = (sum(math.log1p(pair[k]) for pair in found) / max(len(found), 1) for k in (0, 1))
    return Crowd(slips, sounds)


def _neighbours(gazetteer: Gazetteer, place: int) -> tuple[int, int]:
    """Return how many other names are one slip away, and how many are homophones."""
    name, own = gazetteer.name_texts[place], own_length(gazetteer.name_texts[place])
    number, _ = gazetteer.name_meanings[place]
    costs = [
        distance(gazetteer.name_texts[other], name)
        for other in gazetteer.names_near(name)
        if gazetteer.name_meanings[other][1] == EXACT
        and gazetteer.name_meanings[other][0] != number
        and not gazetteer.name_texts[other].startswith(name[:own])
    ]
    return sum(SWAPPED <= cost < math.inf for cost in costs), sum(0 < cost < SWAPPED for cost in costs)
