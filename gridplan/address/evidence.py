"""The evidence of an answer as a few numbers, and their weight as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.address.analysis import Analysis, NameHit
from gridplan.address.rank import Choice
from gridplan.address.variants import PHASE, STEM, own_length

#: Names of the numbers, in order.
FEATURES = (
    "phase", "stem", "door_alone", "edit_rate", "slip", "rate_short", "stem_short", "with_door", "door_slip",
    "other_door", "agrees", "clash", "clash_large", "before", "between", "other_kind", "after", "found",
    "missing", "margin", "tie", "clear", "stem_open", "stem_bare",
)  # fmt: skip
# Log odds of each, from 16,000 made queries over six invented tables (scripts/measure_address.py --weights); the
# order they give is what counts, since every table's own calibration turns it into a probability.
_WEIGHTS = np.array([
    -3.4, -1.1, -0.4, -3.8, -0.8, -3.4, -0.7, 2.4, -1.5,
    -1.5, 1.3, -2.6, -1.4, -2.9, -1.5, -5.1, -0.8, 1.0,
    -1.3, 1.3, -3.8, 0.9, -0.6, -2.5,
])  # fmt: skip
_BIAS = 0.3
# Dearer edits than homophones are slips.
_SLIP = 0.35
# What an edit behind a name's own characters counts for.
_BEHIND = 0.3
_TIE = 0.45
# Points of areas from which a district or a street at least agrees.
_PLACED = 0.5


def weight(found: Analysis, choices: list[Choice]) -> float:
    """Return the weight of the evidence for the best choice: the larger the surer."""
    return float(features(found, choices) @ _WEIGHTS) + _BIAS


def _door_slip(best: Choice) -> float:
    """Return the edits of the road for each character of its own (of 晨观村 one is much, of 冷仓万泉河路 not)."""
    if best.door is None or best.door.cost == 0:
        return 0.0
    own = sum("\u4e00" <= char <= "\u9fff" for char in best.door.road_text.removesuffix("组")) - 1
    return best.door.cost / max(own, 1)


def margin(choices: list[Choice]) -> float:
    """Return by how many points the best choice leads the next that means other rows; 9 where there is none."""
    rows = {record[3] for record in choices[0].records}
    rivals = (each for each in choices[1:] if not {record[3] for record in each.records} <= rows)
    rival = next(rivals, None)
    return 9.0 if rival is None else choices[0].score - rival.score


def _own_cost(found: Analysis, name: NameHit, own: int) -> float:
    """Return the edits of a name; those behind its own characters (锦绣花圆, 锦绣化化站) make no other place of it."""
    intact = found.text.startswith(name.form[:own], name.start)
    return name.cost * _BEHIND if intact else name.cost


def features(found: Analysis, choices: list[Choice]) -> NDArray[np.float64]:
    """
    Return the evidence for the best choice.

    Parameters
    ----------
    found
        What the query says.
    choices
        At least one, best first.

    Returns
    -------
    numpy.ndarray
        Shape (24,), as ``FEATURES`` names them.
    """
    best = choices[0]
    lead = margin(choices)
    name = best.name
    own = own_length(name.form) if name is not None else 4
    cost = _own_cost(found, name, own) if name is not None else 0.0
    slip = cost > _SLIP
    stem = name is not None and name.how == STEM
    after = found.after(name.end) if name is not None and best.building not in {"found"} else 0
    return np.array([
        name is not None and name.how == PHASE, stem, name is None, cost / own, slip, cost / own if own <= 2 else 0.0,
        stem and own <= 2, best.door is not None, _door_slip(best), best.other_door,
        min(max(best.area, 0.0), 1.2), min(best.clash, 3.0), best.clash >= 1.0, min(best.before, 3),
        min(best.between, 3), best.other_kind, min(after, 4), best.building == "found", best.building == "missing",
        min(lead, 3.0), lead < _TIE, lead >= 1.5, stem and best.building != "found",
        stem and best.building != "found" and best.area < _PLACED and best.door is None,
    ], dtype=np.float64)  # fmt: skip
