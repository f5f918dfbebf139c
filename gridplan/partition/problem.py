"""What the solver is given: arrays of one connected or unconnected graph, a band and weights; no files, no geometry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gridplan.rules import Band, Weights

Ints = NDArray[np.int64]
Labels = NDArray[np.int32]
Floats = NDArray[np.float64]

NONE = -1


@dataclass(frozen=True)
class Graph:
    """
    A contiguity graph in compressed sparse rows; symmetric, without loops.

    Parameters
    ----------
    indptr
        Shape (n_units + 1,): neighbours of unit ``u`` are ``indices[indptr[u]:indptr[u + 1]]``, ascending.
    indices
        Shape (2 * n_edges,).
    border_m
        Shape (2 * n_edges,): shared boundary of the two units, metres, > 0 but for declared links (0).
    open_m
        Shape (2 * n_edges,): the share of it along no barrier, weighted by the barriers' rank, metres,
        0 <= open_m <= border_m.
    """

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    border_m: Floats
    open_m: Floats

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.indptr) - 1

    def heads(self) -> NDArray[np.int32]:
        """Return the first unit of every entry of ``indices``."""
        return np.repeat(np.arange(self.n_units, dtype=np.int32), np.diff(self.indptr))


def graph_from_edges(
    n_units: int, first: NDArray[np.integer], second: NDArray[np.integer], border_m: Floats, open_m: Floats
) -> Graph:
    """
    Build a graph from undirected edges.

    Parameters
    ----------
    n_units
        Number of units.
    first, second
        Shape (n_edges,): the two units of each edge; parallel edges are added up, loops dropped.
    border_m, open_m
        Shape (n_edges,), metres.
    """
    keep = first != second
    low, high = np.minimum(first, second)[keep].astype(np.int64), np.maximum(first, second)[keep].astype(np.int64)
    keys, place = np.unique(low * n_units + high, return_inverse=True)
    border = np.bincount(place, border_m[keep], minlength=len(keys))
    opened = np.bincount(place, open_m[keep], minlength=len(keys))
    low, high = keys // n_units, keys % n_units
    heads, tails = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.lexsort((tails, heads))
    indptr = np.zeros(n_units + 1, dtype=np.int32)
    np.cumsum(np.bincount(heads, minlength=n_units), out=indptr[1:])
    return Graph(
        indptr,
        tails[order].astype(np.int32),
        np.concatenate([border, border])[order],
        np.concatenate([opened, opened])[order],
    )


@dataclass(frozen=True)
class Bounds:
    """
    Optional further bounds of a grid, of the same kind as the band.

    Parameters
    ----------
    persons, work
        Lowest and highest persons and minutes of work of a grid; None does not bind on that side.
    """

    persons: tuple[int | None, int | None] = (None, None)
    work: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True)
class Problem:
    """
    Units to be cut into grids.

    Parameters
    ----------
    graph
        Contiguity of the units; edges across impassable barriers are absent.
    households, work, persons
        Shape (n_units,), whole numbers >= 0; work in minutes per month.
    xy
        Shape (n_units, 2): a point of each unit, metres, any origin.
    area_m2
        Shape (n_units,): ground of each unit, > 0.
    compound
        Shape (n_units,): number of the compound of each unit, or -1.
    previous
        Shape (n_units,): number of the present grid of each unit, or -1.
    band
        Households of a grid; ``band=None`` binds nothing (rural communities), the target then rules the number.
    target
        Households that a grid should have on average.
    bounds
        Bounds on persons and work.
    weights
        Weights of the objective.
    n_regions
        Number of regions, or None to have it chosen.
    part
        Shape (n_pairs, 2): pairs of units that must not share a region.
    """

    graph: Graph
    households: Ints
    work: Ints
    persons: Ints
    xy: Floats
    area_m2: Floats
    compound: Labels
    previous: Labels
    band: Band | None
    target: int
    bounds: Bounds = field(default_factory=Bounds)
    weights: Weights = field(default_factory=Weights)
    n_regions: int | None = None
    part: Labels = field(default_factory=lambda: np.empty((0, 2), dtype=np.int32))

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.households)


@dataclass(frozen=True)
class Breach:
    """
    One region out of the rules, and why.

    Parameters
    ----------
    region
        Label of the region.
    rule
        ``band`` (households), ``persons``, ``work``, ``connected`` or ``part``.
    value, limit
        What the region has and what the rule allows.
    reason
        One of the reasons of design 3.2.
    proven
        True only for arithmetic, exhaustion or an exact model.
    """

    region: int
    rule: str
    value: int
    limit: int
    reason: str
    proven: bool


@dataclass(frozen=True)
class Result:
    """
    A partition.

    Parameters
    ----------
    labels
        Shape (n_units,): region of each unit, 0 to n_regions - 1.
    n_regions
        Number of regions.
    objective
        Value of the objective, scaled whole number; lower is better, comparable for one number of regions.
    breaches
        Regions that break a rule, each with its reason.
    split_compounds
        Compounds of at most the maximum that had to be split, with whether that is proven.
    """

    labels: Labels
    n_regions: int
    objective: int
    breaches: tuple[Breach, ...] = ()
    split_compounds: tuple[tuple[int, bool], ...] = ()
