"""How many regions: the numbers that arithmetic allows a connected part, best first, and their sharing among parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gridplan.errors import RulesError
from gridplan.rules import Band


def preferred_counts(total: int, band: Band | None, target: int, *, absorbing: bool = False) -> list[int]:
    """
    Return numbers of regions for a connected part, the one nearest to the target first.

    Parameters
    ----------
    total
        Households of the part.
    band
        Allowed households of a region; None binds nothing.
    target
        Households that a region should have on average.
    absorbing
        Whether the part borders a region with a unit above the maximum, which may take what does not fit: then the
        number may be 0, and there is always one that fits.

    Examples
    --------
    >>> preferred_counts(1250, Band(), 400)
    [3, 4]
    >>> preferred_counts(579, Band(), 400), preferred_counts(579, Band(), 400, absorbing=True)
    ([2, 1], [1])
    >>> preferred_counts(120, Band(), 400), preferred_counts(120, Band(), 400, absorbing=True)
    ([1], [0])
    """
    if band is None:
        return [max(1, round(total / target))]
    fitting = sorted(band.counts(total), key=lambda k: (abs(math.log(total / (k * target))), k))
    if fitting:
        return fitting
    if absorbing:
        return [min(total // band.maximum, total // band.minimum)]
    return _counts_nearest_the_band(total, band)


def _counts_nearest_the_band(total: int, band: Band) -> list[int]:
    """Return the numbers that can leave one region alone out of the band, the one off by fewer households first."""
    if total < band.minimum:
        return [1]
    most = total // band.minimum
    over, under = total - most * band.maximum, (most + 1) * band.minimum - total
    return [most, most + 1] if over <= under else [most + 1, most]


def share_count(wanted: int, allowed: Sequence[Sequence[int]]) -> list[int]:
    """
    Share a number of regions set by a planner among connected parts.

    Parameters
    ----------
    wanted
        Number of regions of all parts together.
    allowed
        For each part the numbers that fit it, best first.

    Raises
    ------
    RulesError
        If no choice adds up to ``wanted``; the message holds the numbers that do.
    """
    # reached[t]: choices of the parts so far that add up to t, with the least sum of ranks.
    reached: dict[int, tuple[int, list[int]]] = {0: (0, [])}
    for numbers in allowed:
        grown: dict[int, tuple[int, list[int]]] = {}
        for total, (rank, chosen) in reached.items():
            for place, number in enumerate(numbers):
                step = (rank + place, [*chosen, number])
                if total + number not in grown or step < grown[total + number]:
                    grown[total + number] = step
        reached = grown
    if wanted not in reached:
        raise RulesError(f"{wanted} grids are set, but the households fit {_spans(sorted(reached))} grids only")
    return reached[wanted][1]


def _spans(numbers: list[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
