"""Units that must share a grid: village groups, and pairs that a planner joins. They become one unit for the solver."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import cKDTree

from gridplan.errors import RulesError
from gridplan.partition.initial import adjacency, components, subgraph
from gridplan.partition.problem import NONE, Graph, Labels, graph_from_edges
from gridplan.site import Numbers, Site


def with_whole_groups(graph: Graph, xy: NDArray[np.float64], group: Numbers) -> Graph:
    """
    Link the pieces of each village group, so that a group that lies in several places is one unit all the same.

    Parameters
    ----------
    graph
        Contiguity of n units.
    xy
        Shape (n, 2), metres.
    group
        Shape (n,): village group of each unit, or -1.
    """
    first, second = [], []
    for name in np.unique(group[group != NONE]):
        members = np.flatnonzero(group == name)
        count, piece = components(subgraph(graph, members))
        for part in range(1, count):
            mine, others = members[piece == part], members[piece < part]
            distance, nearest = cKDTree(xy[others]).query(xy[mine])
            first.append(mine[distance.argmin()])
            second.append(others[nearest[distance.argmin()]])
    return _with_links(graph, first, second)


def _with_links(graph: Graph, first: list[int], second: list[int]) -> Graph:
    upper = graph.heads() < graph.indices
    none = np.zeros(len(first))
    return graph_from_edges(
        graph.n_units,
        np.concatenate([graph.heads()[upper], np.array(first, dtype=np.int64)]),
        np.concatenate([graph.indices[upper], np.array(second, dtype=np.int64)]),
        np.concatenate([graph.border_m[upper], none]),
        np.concatenate([graph.open_m[upper], none]),
    )


def together(graph: Graph, group: Numbers, pairs: Numbers) -> Labels:
    """
    Return the groups of units that become one: village groups, and joined pairs with what lies between them.

    Parameters
    ----------
    graph
        Contiguity of n units, village groups linked.
    group
        Shape (n,): village group of each unit, or -1.
    pairs
        Shape (n_pairs, 2): units that must share a grid.

    Raises
    ------
    RulesError
        If no way leads from one unit of a pair to the other.
    """
    heads = graph.heads()
    same = (group[heads] != NONE) & (group[heads] == group[graph.indices])
    first, second = [heads[same]], [graph.indices[same]]
    for one, two in pairs:
        path = _path(graph, int(one), int(two))
        first.append(path[:-1])
        second.append(path[1:])
    one, two = np.concatenate(first), np.concatenate(second)
    links = coo_matrix((np.ones(len(one)), (one, two)), shape=(graph.n_units,) * 2)
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int32)


def _path(graph: Graph, one: int, two: int) -> Labels:
    """Return the units of a shortest way from one unit to another, both included."""
    matrix: csr_matrix = adjacency(graph).astype(float)
    _, before = shortest_path(matrix, indices=one, unweighted=True, return_predecessors=True)
    path = [two]
    while path[-1] != one:
        if before[path[-1]] < 0:
            raise RulesError("must_join: no way leads from one building to the other inside the community")
        path.append(int(before[path[-1]]))
    return np.array(path, dtype=np.int32)


def check_fixed_pairs(site: Site, area: Numbers) -> None:
    """
    Refuse pairs that a locked grid or an exclusive area contradicts.

    Parameters
    ----------
    site
        The community with its pairs.
    area
        Shape (n_generators,): fixed area that each generator lies in, or -1.

    Raises
    ------
    RulesError
        If a fixed area holds one of a joined pair alone, or both of a parted one.
    """
    joined, parted = area[site.generators.join], area[site.generators.part]
    fixed = "a locked grid or an exclusive area holds"
    if (joined[:, 0] != joined[:, 1]).any():
        raise RulesError(f"community {site.code}: must_join: {fixed} one of two buildings and not the other")
    if ((parted[:, 0] == parted[:, 1]) & (parted[:, 0] != NONE)).any():
        raise RulesError(f"community {site.code}: must_part: {fixed} both buildings")
