"""Which rules the grids of some communities break: every fact of design 4.1, from labels and borders alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gridplan.editing.ground import PlanGround
from gridplan.editing.state import State
from gridplan.site import NONE, Numbers


@dataclass(frozen=True)
class Fact:
    """
    A rule that a grid does not keep, before anything is said of why.

    Parameters
    ----------
    rule, value, limit, subject
        As in the layer ``violations``.
    grid
        Number of the grid.
    """

    rule: str
    grid: int
    value: int
    limit: int
    subject: str | None = None

    @property
    def excess(self) -> int:
        """How far from the limit, in the rule's own unit."""
        return abs(self.value - self.limit)


def facts_of(state: State, communities: Numbers) -> list[Fact]:
    """
    Return every rule that a grid of some communities does not keep.

    Parameters
    ----------
    state
        The plan.
    communities
        Numbers of communities.
    """
    grids = np.flatnonzero(np.isin(state.community, communities))
    return [
        *_sizes(state, grids),
        *_pieces(state, communities, grids),
        *_split(state, communities),
        *_pairs(state, communities),
        *_counts(state, communities),
    ]


def bound_by_band(state: State) -> NDArray[np.bool_]:
    """Return which grids the band binds: basic ones, and rural ones where the rules say so and no lock holds them."""
    rural = state.rules.rural_band & (state.kinds == "rural") & ~state.locked
    return np.asarray((state.kinds == "basic") | rural, dtype=bool)


def _sizes(state: State, grids: Numbers) -> Iterator[Fact]:
    rules, ground = state.rules, state.ground
    households = state.totals(ground.households)
    bound = bound_by_band(state)
    inhabited = np.bincount(ground.community, ground.households, len(ground.communities)) > 0
    for grid in grids:
        total = int(households[grid])
        limit = _broken(total, rules.minimum, rules.maximum)
        if bound[grid] and limit is not None:
            yield Fact("band", int(grid), total, limit)
        elif not bound[grid] and not state.fixed[grid] and not inhabited[state.community[grid]]:
            yield Fact("band", int(grid), 0, rules.minimum)
    for rule, sums, low, high in (
        ("persons", state.totals(ground.persons), rules.persons_minimum, rules.persons_maximum),
        ("work", state.totals(ground.work), rules.work_minimum, rules.work_maximum),
    ):
        for grid in grids[~state.fixed[grids]]:
            limit = _broken(int(sums[grid]), low, high)
            if limit is not None:
                yield Fact(rule, int(grid), int(sums[grid]), limit)


def _broken(value: int, low: int | None, high: int | None) -> int | None:
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else None


def parts_of(ground: PlanGround, links: NDArray[np.bool_]) -> Numbers:
    """
    Return the connected part of each unit over some of the borders.

    Parameters
    ----------
    ground
        Units and borders.
    links
        Shape (n_borders,): which borders link.
    """
    first, second = ground.borders.first[links], ground.borders.second[links]
    graph = coo_matrix((np.ones(len(first), dtype=np.int8), (first, second)), shape=(ground.n_units,) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def pieces_of(state: State, communities: Numbers) -> tuple[Numbers, Numbers]:
    """
    Return the piece that each unit of some communities hangs together with inside its grid.

    Parameters
    ----------
    state
        The plan.
    communities
        Numbers of communities; units of others are pieces by themselves.

    Returns
    -------
    over_walls, on_foot
        Shape (n_units,): pieces where walls are not counted, and where they are.
    """
    borders, ground = state.ground.borders, state.ground
    inside = np.isin(ground.border_community, communities)
    inside &= state.label[borders.first] == state.label[borders.second]
    return parts_of(ground, inside & ground.touching), parts_of(ground, inside & ground.passing)


def _pieces(state: State, communities: Numbers, grids: Numbers) -> Iterator[Fact]:
    ground = state.ground
    units = np.flatnonzero(np.isin(ground.community, communities))
    over_walls, on_foot = (pieces[units] for pieces in pieces_of(state, communities))
    label = state.label[units]
    lived_in = ground.households[units] > 0
    pieces = _distinct(label, over_walls, len(state.codes))
    # Pieces apart are no sides of a barrier, so sides are counted within each piece.
    sides = np.unique(np.stack([label, over_walls, on_foot])[:, lived_in], axis=1)
    most = np.zeros(len(state.codes), dtype=np.int64)
    if sides.shape[1]:
        whole, count = np.unique(sides[:2], axis=1, return_counts=True)
        np.maximum.at(most, whole[0], count)
    for grid in grids:
        if pieces[grid] > 1:
            yield Fact("connected", int(grid), int(pieces[grid]), 1)
        if most[grid] > 1:
            yield Fact("barrier", int(grid), int(most[grid]), 1)


def _distinct(place: Numbers, values: Numbers, n: int) -> Numbers:
    """Return how many distinct values each place has."""
    pairs = np.unique(np.stack([place, values]), axis=1)
    return np.bincount(pairs[0], minlength=n).astype(np.int64)


def _split(state: State, communities: Numbers) -> Iterator[Fact]:
    """Yield compounds of at most the maximum, and village groups of rural grids, that lie in several grids."""
    ground = state.ground
    row_grid = state.label[ground.unit_of_row]
    row_home = ground.community[ground.unit_of_row]
    for rule, member, names in (
        ("compound", ground.compound, ground.compounds),
        ("group", ground.group, ground.groups),
    ):
        touched = np.unique(member[np.isin(row_home, communities) & (member != NONE)])
        for number in touched:
            rows = np.flatnonzero(member == number)
            if rule == "group" and not (state.kinds[row_grid[rows]] == "rural").any():
                continue
            for share in _shares(state, rule, rows, row_home):
                grids = np.unique(row_grid[share])
                yield from (
                    Fact(rule, int(grid), len(grids), 1, str(names[number])) for grid in grids if len(grids) > 1
                )


def _shares(state: State, rule: str, rows: Numbers, home: Numbers) -> Iterator[Numbers]:
    """Yield the rows that should stay whole: all where they fit one grid, else those of each community that do."""
    households, maximum = state.ground.row_households, state.rules.maximum
    whole = rule == "compound" and households[rows].sum() <= maximum
    for share in [rows] if whole else [rows[home[rows] == code] for code in np.unique(home[rows])]:
        if rule == "group" or households[share].sum() <= maximum:
            yield share


def _pairs(state: State, communities: Numbers) -> Iterator[Fact]:
    """Yield the grids that hold both of a pair to be parted, or one alone of a pair to be joined."""
    for rule, pairs, same in (("part", state.rules.must_part, True), ("join", state.rules.must_join, False)):
        for one, two in pairs:
            first, second = (_grids_of_building(state, name) for name in (one, two))
            if not len(first) or not len(second):
                continue
            common = np.intersect1d(first, second)
            broken = common if same else (first if not len(common) else common[:0])
            yield from (
                Fact(rule, int(grid), 2, 1, None if same else f"{one}, {two}")
                for grid in broken
                if state.community[grid] in communities
            )


def _grids_of_building(state: State, name: str) -> Numbers:
    ground = state.ground
    place = int(np.searchsorted(ground.buildings, name)) if len(ground.buildings) else 0
    if place >= len(ground.buildings) or ground.buildings[place] != name:
        return np.empty(0, dtype=np.int64)
    return np.unique(state.label[ground.unit_of_row[ground.building == place]])


def _counts(state: State, communities: Iterable[int]) -> Iterator[Fact]:
    """Yield communities whose number of grids is another than the planner has set."""
    for community in communities:
        wanted = state.rules.n_grids.get(str(state.ground.communities[community]))
        free = np.flatnonzero((state.community == community) & ~state.fixed)
        if wanted is not None and len(free) and len(free) != wanted:
            yield Fact("community", int(free[0]), len(free), wanted)
