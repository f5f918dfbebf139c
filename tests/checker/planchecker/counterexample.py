"""Plans within the band where a plan says that there is none: spanning trees drawn at random and cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from planchecker.band import fits
from planchecker.case import Case
from planchecker.sides import bridges_of, walls_of
from planchecker.words import some

_SEARCHED = ("no_connected_cut", "search_gave_up")
_TREES = 200
_EDGE_M = 0.01
_ALONG_M = 0.05


def check_searched(case: Case) -> Iterator[str]:
    """Where a search found no grids within the band, random spanning trees find none either."""
    listed = case.listed("band")
    listed = listed[listed["reason"].isin(_SEARCHED)]
    home = listed["grid_code"].map(case.grids.set_index("grid_code")["community_code"])
    for community, rows in listed.groupby(home):
        for members, households, graph in _components(case, str(community)):
            concerned = set(rows["grid_code"]) & members
            if concerned and _cuts_exist(households, graph, case):
                yield f"a plan within the band exists for {some(concerned)}, listed as {some(set(rows['reason']))}"


def _components(case: Case, community: str) -> Iterator[tuple[set[str], Any, Any]]:
    """Yield the connected parts of what the planner was free to cut: codes, households by cell, graph."""
    homes = case.grids.set_index("grid_code")["community_code"]
    rows = case.units[
        (case.units["grid_code"].map(homes) == community) & ~case.units["grid_code"].map(case.fixed).astype(bool)
    ]
    rows = rows.assign(households=rows.groupby("unit_id")["households"].transform("sum"))
    cells = rows[rows.geometry.notna() & (rows["households"] <= case.maximum)]
    graph = _contiguity(cells.geometry.to_numpy(), walls_of(case), bridges_of(case))
    count, label = connected_components(graph, directed=False)
    for number in range(count):
        chosen = np.flatnonzero(label == number)
        part = cells.iloc[chosen]
        yield set(part["grid_code"]), part["households"].to_numpy(), graph.tocsr()[chosen][:, chosen]


def _contiguity(cells: Any, walls: Any, bridges: Any) -> Any:
    """Return the graph of cells that share an edge beside impassable barriers, or that a bridge joins."""
    first, second = shapely.STRtree(cells).query(cells, predicate="intersects")
    first, second = first[first < second], second[first < second]
    edge = shapely.intersection(cells[first], cells[second])
    barred = shapely.buffer(shapely.union_all(walls), _ALONG_M)
    open_m = shapely.length(shapely.difference(edge, barred))
    bridged = shapely.intersects(edge, shapely.union_all(bridges))
    joined = (open_m > _EDGE_M) | (bridged & (shapely.length(edge) > _EDGE_M))
    pairs = (first[joined], second[joined])
    return coo_array((np.ones(len(pairs[0])), pairs), shape=(len(cells), len(cells)))


def _cuts_exist(households: Any, graph: Any, case: Case) -> bool:
    rng = np.random.default_rng(0)
    return any(_cut(households, graph, case.minimum, case.maximum, rng) for _ in range(_TREES))


def _cut(households: Any, graph: Any, minimum: int, maximum: int, rng: np.random.Generator) -> bool:
    """Cut one grid after another off by an edge of a random spanning tree; tell whether all fit the band."""
    while (total := int(households.sum())) > maximum:
        below, order, parent = _tree(households, graph, rng)
        sides = np.stack([below, total - below])
        good = (sides >= minimum) & (sides <= maximum) & fits(total - sides, minimum, maximum)
        good[:, order[0]] = False
        choices = np.argwhere(good)
        if not len(choices):
            return False
        side, node = choices[rng.integers(len(choices))]
        inside = _subtree(order, parent, node)
        kept = ~inside if side == 0 else inside
        households, graph = households[kept], graph[kept][:, kept]
    return total >= minimum


def _tree(households: Any, graph: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return for a random spanning tree the households below each node, an order from the root, and the parents."""
    weighted = graph.copy()
    weighted.data = rng.uniform(1, 2, len(weighted.data))
    tree = minimum_spanning_tree(weighted + weighted.T)
    order, parent = breadth_first_order(tree, 0, directed=False)
    below = households.astype(np.int64).copy()
    for node in order[:0:-1]:
        below[parent[node]] += below[node]
    return below, order, parent


def _subtree(order: Any, parent: Any, top: int) -> Any:
    inside = np.zeros(len(parent), dtype=bool)
    inside[top] = True
    for node in order[1:]:
        inside[node] |= inside[parent[node]]
    return inside
