"""Why a grid breaks a rule after an edit: arithmetic where it decides, what a search had shown, else the planner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.editing.judging import Fact, bound_by_band, facts_of, parts_of, pieces_of
from gridplan.editing.state import BY_HAND, State
from gridplan.site import Numbers

PROVEN, UNPROVEN = 1, 0
# What arithmetic says of a part whose neighbours beyond a lock could have taken it in.
CUT_OFF = frozenset({"component_below_minimum", "total_fits_no_number", "no_households"})


@dataclass(frozen=True)
class Prior:
    """
    What is known of violations from before.

    Parameters
    ----------
    rows
        Reason and proof by rule, grid code, subject, value and limit: they stay with grids that stay.
    staying
        Codes of grids whose ground, kind and lock stay.
    by_hand
        Reason of what nothing excuses.
    proven
        Reasons that a search has just proven, by grid code.
    """

    rows: Mapping[tuple[Any, ...], tuple[str, int]] = field(default_factory=dict)
    staying: frozenset[str] = frozenset()
    by_hand: str = BY_HAND
    proven: Mapping[str, str] = field(default_factory=dict)


def prior_of(violations: pd.DataFrame, staying: frozenset[str], by_hand: str, proven: Mapping[str, str]) -> Prior:
    """
    Return what a plan's violations say of grids that stay.

    Parameters
    ----------
    violations
        Layer of the plan before the edit.
    staying, by_hand, proven
        See `Prior`.
    """
    names = ["rule", "grid_code", "subject", "value", "limit", "reason", "proven"]
    columns = [violations[name].tolist() for name in names]
    rows = {tuple(key): (str(reason), int(proof)) for *key, reason, proof in zip(*columns, strict=True)}
    return Prior(rows, staying, by_hand, proven)


@dataclass(frozen=True)
class _Parts:
    """Connected parts of the ground that no lock or exclusive area holds; -1 inside these."""

    of_unit: Numbers
    households: Numbers
    beside_fixed: NDArray[np.bool_]
    has_oversize: NDArray[np.bool_]


def judged(state: State, communities: Numbers, prior: Prior) -> list[dict[str, Any]]:
    """
    Return the rows of ``violations`` of some communities.

    Parameters
    ----------
    state
        The plan.
    communities
        Numbers of communities.
    prior
        What is known from before.
    """
    facts = facts_of(state, communities)
    if not facts:
        return []
    parts = _free_parts(state, communities)
    spent: set[int] = set()
    order = sorted(facts, key=lambda fact: (not _known(fact, state, prior), fact.rule, fact.grid, fact.subject or ""))
    rows = [_row(fact, state, _reason(fact, state, parts, prior, spent, communities)) for fact in order]
    return sorted(rows, key=lambda row: (row["rule"], row["grid_code"], row["subject"] or ""))


def _key(fact: Fact, state: State) -> tuple[Any, ...]:
    return (fact.rule, str(state.codes[fact.grid]), fact.subject, fact.value, fact.limit)


def _known(fact: Fact, state: State, prior: Prior) -> bool:
    return str(state.codes[fact.grid]) in prior.staying and _key(fact, state) in prior.rows


def _row(fact: Fact, state: State, reason: tuple[str, int]) -> dict[str, Any]:
    return {
        "rule": fact.rule,
        "grid_code": str(state.codes[fact.grid]),
        "value": fact.value,
        "limit": fact.limit,
        "reason": reason[0],
        "proven": reason[1],
        "subject": fact.subject,
    }


def _reason(
    fact: Fact, state: State, parts: _Parts, prior: Prior, spent: set[int], communities: Numbers
) -> tuple[str, int]:
    if _known(fact, state, prior):
        reason = prior.rows[_key(fact, state)]
        if reason[0] == "total_fits_no_number":
            spent.update(_parts_of_grid(fact, state, parts))
        return reason
    by_hand = (prior.by_hand, UNPROVEN)
    if state.fixed[fact.grid] and fact.rule in ("connected", "barrier"):
        return "fixed_by_planner", PROVEN
    if fact.rule == "band":
        return _band_reason(fact, state, parts, prior, spent) or by_hand
    if fact.rule == "connected":
        return _shape_reason(fact, state, communities) or by_hand
    if fact.rule == "compound":
        return ("forced_split", PROVEN) if _unavoidable(fact, state, parts) else by_hand
    return by_hand


def _free_parts(state: State, communities: Numbers) -> _Parts:
    ground = state.ground
    borders = ground.borders
    mine = np.isin(ground.community, communities)
    free = mine & ~state.fixed[state.label]
    links = ground.passing & free[borders.first] & free[borders.second]
    part = np.where(free, parts_of(ground, links), -1)
    beside = np.zeros(ground.n_units, dtype=bool)
    fixed = mine & ~free
    for here, there in ((borders.first, borders.second), (borders.second, borders.first)):
        across = ground.passing & free[here] & fixed[there]
        beside[here[across]] = True
    n = ground.n_units
    known = part >= 0
    large = known & (ground.households > state.rules.maximum)
    return _Parts(
        part,
        np.bincount(part[known], ground.households[known], n).astype(np.int64),
        np.bincount(part[known], beside[known], n) > 0,
        np.bincount(part[large], minlength=n) > 0,
    )


def _parts_of_grid(fact: Fact, state: State, parts: _Parts) -> list[int]:
    """Return the parts that a grid's households live in; where none do, those of its ground."""
    units = state.units_of(fact.grid)
    lived_in = units[state.ground.households[units] > 0]
    return [int(part) for part in np.unique(parts.of_unit[lived_in if len(lived_in) else units])]


def _band_reason(fact: Fact, state: State, parts: _Parts, prior: Prior, spent: set[int]) -> tuple[str, int] | None:
    code, grid = str(state.codes[fact.grid]), fact.grid
    if state.locked[grid]:
        return "locked_out_of_band", PROVEN
    if not bound_by_band(state)[grid]:
        return "no_households", PROVEN
    if code in prior.proven:
        return prior.proven[code], PROVEN
    units = state.units_of(grid)
    lived_in = units[state.ground.households[units] > 0]
    if len(lived_in) == 1 and fact.value > state.rules.maximum:
        return "unit_over_maximum", PROVEN
    mine = _parts_of_grid(fact, state, parts)
    return _arithmetic(fact, state, parts, mine[0], spent) if len(mine) == 1 else None


def _arithmetic(fact: Fact, state: State, parts: _Parts, part: int, spent: set[int]) -> tuple[str, int] | None:
    """Return what the households of a grid's part alone say; one total excuses one grid."""
    total = int(parts.households[part])
    reason = None
    if total == 0:
        reason = "no_households"
    elif total < state.rules.minimum and fact.value == total:
        reason = "component_below_minimum"
    elif total >= state.rules.minimum and not state.rules.band.counts(total) and part not in spent:
        reason = None if parts.has_oversize[part] else "total_fits_no_number"
        spent.add(part)
    if reason in CUT_OFF and parts.beside_fixed[part]:
        reason = "cut_off_by_lock"
    return None if reason is None else (reason, PROVEN)


def _shape_reason(fact: Fact, state: State, communities: Numbers) -> tuple[str, int] | None:
    """Tell a grid that lies in several bodies of its community, once in each, or that village groups hold together."""
    ground, units = state.ground, state.units_of(fact.grid)
    bodies = parts_of(ground, ground.touching)[units]
    if len(np.unique(bodies)) == fact.value:
        return "exclave", PROVEN
    pieces = pieces_of(state, communities)[0][units]
    rows = np.flatnonzero((state.label[ground.unit_of_row] == fact.grid) & (ground.group >= 0))
    piece_of_unit = dict(zip(units.tolist(), pieces.tolist(), strict=True))
    groups = pd.DataFrame(
        {"group": ground.group[rows], "piece": [piece_of_unit[unit] for unit in ground.unit_of_row[rows].tolist()]}
    )
    scattered = groups.groupby("group")["piece"].nunique().max() if len(groups) else 0
    return ("scattered_group", PROVEN) if scattered > 1 else None


def _unavoidable(fact: Fact, state: State, parts: _Parts) -> bool:
    """Tell whether a compound lies in two communities, on two sides of a barrier, or partly in fixed ground."""
    ground = state.ground
    number = int(np.searchsorted(ground.compounds, str(fact.subject)))
    units = ground.unit_of_row[ground.compound == number]
    places = {*zip(ground.community[units].tolist(), parts.of_unit[units].tolist(), strict=True)}
    return len(places) > 1 or bool((parts.of_unit[units] < 0).any())
