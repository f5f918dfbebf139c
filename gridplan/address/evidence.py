"""The evidence of an answer as a few numbers, and their weight as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.address.choice import Choice
from gridplan.address.crowd import Crowd
from gridplan.address.findings import Analysis, NameHit
from gridplan.address.variants import PHASE, STEM, own_length

#: Names of the numbers, in order.
FEATURES = (
    "phase", "phase_found", "stem", "stem_short", "stem_open", "stem_bare", "own_sound", "own_slip", "slip_short",
    "slip_crowd", "sound_crowd", "stem_slip", "no_buildings", "behind", "with_door", "door_alone", "door_slip",
    "other_door", "agrees", "clash", "clash_large", "before", "between", "after", "road_before", "other_kind", "found",
    "missing", "margin", "two_edits", "clear",
)  # fmt: skip
# Log odds of each, from made queries over invented tables of many sizes (scripts/measure_address.py --weights); the
# order they give is what counts, since every table's own calibration turns it into a probability.
_WEIGHTS = np.array([
    -4.7, 1.1, -0.4, -0.3, -0.2, -1.6, -8.1, -5.1, -2.4, -0.9,
    -0.2, 0.0, 0.0, -1.3, 4.6, -2.8, -6.3, 0.0, 0.5, -2.6,
    -0.1, -2.7, -0.5, -1.3, -1.8, 0.0, 1.3, -1.0, 1.2, -4.5,
    -0.2,
])  # fmt: skip
_BIAS = 2.2
# Edits that make another word of it; homophones and doubled characters are cheaper.
_SLIPS = (1.0, 0.8)
# Points of areas from which a district or a street at least agrees.
_PLACED = 0.5


def weight(found: Analysis, choices: list[Choice], crowd: Crowd) -> float:
    """Return the weight of the evidence for the best choice, as of :func:`features`: the larger the surer."""
    return float(features(found, choices, crowd) @ _WEIGHTS) + _BIAS


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


def _edits(found: Analysis, name: NameHit | None, own: int) -> tuple[float, float, float]:
    """
    Return what a name's edits cost: homophones in its own characters, a slip there, and all behind them.

    Edits behind a name's own characters (锦绣花圆, 锦绣化化站) make no other place of it.
    """
    if name is None:
        return 0.0, 0.0, 0.0
    if found.text.startswith(name.form[:own], name.start):
        return 0.0, 0.0, name.cost
    slip = next((each for each in _SLIPS if name.cost >= each), 0.0)
    return name.cost - slip, slip, 0.0


def features(found: Analysis, choices: list[Choice], crowd: Crowd) -> NDArray[np.float64]:
    """
    Return the evidence for the best choice.

    Parameters
    ----------
    found
        What the query says.
    choices
        At least one, best first.
    crowd
        How densely the table's names lie: see :class:`gridplan.address.crowd.Crowd`.

    Returns
    -------
    numpy.ndarray
        Shape (31,), as ``FEATURES`` names them.
    """
    best = choices[0]
    name, door, exists = best.name, best.door, best.building == "found"
    own = own_length(name.form) if name is not None else 4
    sounds, slip, behind = _edits(found, name, own)
    stem, phase = name is not None and name.how == STEM, name is not None and name.how == PHASE
    open_stem = stem and not exists
    after = found.after(name.end) if name is not None and not exists else 0
    lead = margin(choices)
    return np.array([
        phase, phase and exists, stem, stem and own <= 2, open_stem, open_stem and best.area < _PLACED and door is None,
        sounds / own, slip / own, slip if own <= 2 else 0.0, slip / own * crowd.slips,
        sounds / own * crowd.sounds, stem and slip > 0, best.no_buildings, behind, door is not None,
        name is None, _door_slip(best), best.other_door, min(max(best.area, 0.0), 1.2), min(best.clash, 3.0),
        best.clash >= 1.0, min(best.before, 3), min(best.between, 3), min(after, 4), min(best.road_before, 3),
        best.other_kind, exists, best.building == "missing", min(lead, 3.0), slip > 0 and sounds > 0, lead >= 1.5,
    ], dtype=np.float64)  # fmt: skip
