"""Grids cut by search: one into several, a selection or everything unlocked anew."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import shapely

from gridplan.contiguity import build_contiguity
from gridplan.editing import errors
from gridplan.editing.asking import check_open
from gridplan.editing.state import BY_HAND, BY_SEARCH, Part, Redraw, State, rules_of
from gridplan.errors import RulesError
from gridplan.ground import Ground
from gridplan.joining import together, with_whole_groups
from gridplan.partition.contract import contracted
from gridplan.partition.problem import Bounds, Problem, Result
from gridplan.partition.solve import EffortName, solve
from gridplan.rules import Band, Rules, rules_from
from gridplan.site import NONE, Numbers
from gridplan.uniting.preference import united

#: The selection that means every grid which nothing holds.
UNLOCKED = "unlocked"
CUT_KINDS = ("basic", "rural")
# A number of grids that the band does not allow is cut all the same, as even as this share of the mean lets it.
LOOSE = 0.5


def split_into(state: State, code: str, into: int | None = None) -> Redraw:
    """
    Split a grid into several by search: even, compact, along streets, compounds whole.

    Parameters
    ----------
    state
        The plan.
    code
        The grid.
    into
        Number of grids, at least 2; None has it chosen by the band.

    Raises
    ------
    EditError
        If the grid is locked, has fewer units, or fits the band as it is and no number is given.
    """
    grids = state.grids_named([code])
    check_open(state, grids)
    units = state.units_of(grids)
    if into is not None and not 2 <= into <= len(units):
        raise errors.impossible("split_number", code=code, n=len(units), into=into)
    total = int(state.ground.households[units].sum())
    band: Band | None = state.rules.band
    if into is None:
        if len(state.rules.band.counts(total)) == 0 or 1 in state.rules.band.counts(total):
            raise errors.impossible("split_fits", total=total)
    elif into not in state.rules.band.counts(total):
        band = _loose(total, into)
    result = _cut(state, units, band, into, [zlib.crc32(code.encode()), into or 0], "quick")
    parts = _parts(units, result, str(state.kinds[grids[0]]))
    if len(parts) < 2:
        raise errors.impossible("split_whole", code=code)
    return Redraw(grids, parts, reason=BY_HAND)


def _loose(total: int, into: int) -> Band | None:
    mean = total / into
    if mean < 1:
        return None
    return Band(max(int(mean * (1 - LOOSE)), 1), max(round(mean), 1), int(np.ceil(mean * (1 + LOOSE))))


def replan(
    state: State,
    codes: Sequence[str] | str,
    rules: Mapping[str, Any] | None = None,
    effort: EffortName = "normal",
) -> Redraw:
    """
    Cut a selection of grids anew, community by community.

    Parameters
    ----------
    state
        The plan.
    codes
        Grids, or ``"unlocked"`` for all basic and rural ones that no lock holds.
    rules
        New rules of the whole plan as a table (see `gridplan.rules.rules_from`), or None to keep them.
    effort
        ``quick``, ``normal`` or ``best``.

    Raises
    ------
    EditError
        If a grid is locked or of a kind that is not cut, or the rules leave no number of grids.
    RulesError
        If the rules are none.
    """
    new = None if rules is None else rules_of({"rules": rules})
    state = state if new is None else replace(state, rules=new)
    grids = _selected(state, codes)
    parts: list[Part] = []
    proven: dict[int, str] = {}
    for community in np.unique(state.community[grids]).tolist():
        mine = grids[state.community[grids] == community]
        found, shown = _replanned(state, community, mine, effort)
        proven |= {len(parts) + place: reason for place, reason in shown.items()}
        parts += found
    return _only_changed(state, Redraw(grids, tuple(parts), BY_SEARCH, proven, new))


def rules_table(rules: Rules | Mapping[str, Any] | None, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """
    Return new rules as a full table: keys that are not named are taken from the plan's.

    Parameters
    ----------
    rules
        Rules, a table with some of their keys, or None.
    report
        Report of the plan.

    Raises
    ------
    RulesError
        If the table holds what is no rule.
    """
    if rules is None:
        return None
    made = rules if isinstance(rules, Rules) else rules_from(rules, base=rules_of(report))
    return asdict(made)


def _selected(state: State, codes: Sequence[str] | str) -> Numbers:
    if codes == UNLOCKED:
        grids = np.flatnonzero(~state.locked & np.isin(state.kinds, CUT_KINDS))
    else:
        grids = np.sort(state.grids_named([codes] if isinstance(codes, str) else codes))
        check_open(state, grids)
    wrong = grids[~np.isin(state.kinds[grids], CUT_KINDS)]
    if len(wrong) or not len(grids):
        raise errors.impossible("cut_kinds", codes=state.codes[wrong])
    return np.asarray(grids, dtype=np.int64)


def _replanned(
    state: State, community: int, grids: Numbers, effort: EffortName
) -> tuple[list[Part], Mapping[int, str]]:
    units = state.units_of(grids)
    kind = str(state.kinds[grids[0]])
    band = state.rules.band if kind == "basic" or state.rules.rural_band else None
    free = np.flatnonzero((state.community == community) & ~state.fixed)
    others = np.setdiff1d(free, grids)
    code = str(state.ground.communities[community])
    wanted = state.rules.n_grids.get(code)
    number = None if wanted is None else wanted - len(others)
    if number is not None and number < 1:
        raise errors.impossible("cut_number", code=code, wanted=wanted, others=len(others))
    result = _cut(state, units, band, number, [zlib.crc32(code.encode())], effort)
    parts = _parts(units, result, kind)
    whole = not len(others)
    proven = {b.region: b.reason for b in result.breaches if whole and b.proven and b.reason == "no_connected_cut"}
    return list(parts), proven


def _only_changed(state: State, redraw: Redraw) -> Redraw:
    """Leave out the grids that come out as they were, unless new rules judge them anew."""
    same = {
        int(state.label[part.units[0]]): place
        for place, part in enumerate(redraw.parts)
        if np.array_equal(state.units_of(int(state.label[part.units[0]])), part.units)
    }
    if redraw.rules is None and len(same) == len(redraw.grids):
        raise errors.impossible("cut_same")
    kept = [place for place in range(len(redraw.parts)) if place not in same.values()]
    if not kept:
        return redraw
    changed = redraw.grids[~np.isin(redraw.grids, list(same))]
    proven = {kept.index(place): reason for place, reason in redraw.proven.items() if place in kept}
    return replace(redraw, grids=changed, parts=tuple(redraw.parts[place] for place in kept), proven=proven)


def _parts(units: Numbers, result: Result, kind: str) -> tuple[Part, ...]:
    labels = [np.sort(units[result.labels == region]) for region in range(result.n_regions)]
    return tuple(Part(mine, kind) for mine in labels if len(mine))


def _cut(
    state: State, units: Numbers, band: Band | None, number: int | None, seeds: list[int], effort: EffortName
) -> Result:
    """Cut units by search; what must share a grid is contracted first."""
    problem, groups, graph_units = _problem(state, units, band, number)
    rng = np.random.default_rng([state.rules.seed, *seeds])
    try:
        joined = together(problem.graph, groups, _pairs(state, graph_units, state.rules.must_join))
        coarse = contracted(problem, joined)
        if (coarse.part[:, 0] == coarse.part[:, 1]).any():
            raise errors.impossible("cut_must_part")
        result = solve(coarse, rng=rng, effort=effort)
    except RulesError as error:
        raise errors.impossible("cut_rules", error=error) from error
    return replace(result, labels=result.labels[joined])


def _problem(state: State, units: Numbers, band: Band | None, number: int | None) -> tuple[Problem, Numbers, Numbers]:
    ground, rules = state.ground, state.rules
    xy = np.zeros((ground.n_units, 2))
    xy[units] = shapely.get_coordinates(shapely.point_on_surface(ground.cells[units]))
    none = np.empty(0, dtype=np.int64)
    fixed = np.full(ground.n_units, NONE, dtype=np.int64)
    site = Ground(none, none, xy, ground.area_m2, fixed, ground.borders)
    contiguity = build_contiguity(site, units, ground.households, band)
    group = ground.unit_group[units]
    graph = with_whole_groups(contiguity.graph, xy[units], group)
    problem = Problem(
        graph=graph,
        households=ground.households[units],
        work=ground.work[units],
        persons=ground.persons[units],
        xy=xy[units],
        area_m2=ground.area_m2[units],
        compound=ground.unit_compound[units].astype(np.int32),
        previous=np.unique(state.label[units], return_inverse=True)[1].astype(np.int32),
        band=band,
        target=rules.target if band is None else band.target,
        bounds=_bounds(rules),
        weights=united(rules.weights) if state.united else rules.weights,
        n_regions=number,
        part=_pairs(state, units, rules.must_part).astype(np.int32),
    )
    return problem, group, units


def _bounds(rules: Rules) -> Bounds:
    return Bounds((rules.persons_minimum, rules.persons_maximum), (rules.work_minimum, rules.work_maximum))


def _pairs(state: State, units: Numbers, pairs: Sequence[tuple[str, str]]) -> Numbers:
    """Return pairs of buildings as pairs of places among the units; pairs not wholly there are left out."""
    ground = state.ground
    place = np.full(ground.n_units, NONE, dtype=np.int64)
    place[units] = np.arange(len(units))
    number = {str(name): at for at, name in enumerate(ground.buildings)} if pairs else {}
    found = []
    for one, two in pairs:
        ends = [np.flatnonzero(ground.building == number.get(name, -2)) for name in (one, two)]
        if all(len(end) for end in ends):
            found.append([place[ground.unit_of_row[end[0]]] for end in ends])
    out = np.array(found, dtype=np.int64).reshape(-1, 2)
    return np.asarray(out[(out != NONE).all(axis=1)], dtype=np.int64)
