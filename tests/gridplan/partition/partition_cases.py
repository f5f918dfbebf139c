"""Small problems, drawn or at random, and every connected partition of them by plain enumeration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from gridplan.partition.problem import NONE, Graph, Problem, graph_from_edges
from gridplan.rules import Band

SIDE_M = 50.0


def rook(width: int, height: int) -> list[tuple[int, int]]:
    """Return the edges of a lattice: unit ``row * width + column`` touches those beside, above and below it."""
    beside = [(r * width + c, r * width + c + 1) for r in range(height) for c in range(width - 1)]
    below = [(r * width + c, (r + 1) * width + c) for r in range(height - 1) for c in range(width)]
    return beside + below


def problem_of(edges: Iterable[tuple[int, int]], households: Iterable[int], band: Band, **fields: Any) -> Problem:
    """Make a problem of units of one square each, five to a row unless ``xy`` says where."""
    homes = np.asarray(list(households), dtype=np.int64)
    n = len(homes)
    ends = np.asarray(list(edges), dtype=np.int64).reshape(-1, 2)
    border = np.full(len(ends), SIDE_M)
    width = fields.pop("width", 5)
    given = {
        "graph": graph_from_edges(n, ends[:, 0], ends[:, 1], border, border),
        "households": homes,
        "work": 12 * homes,
        "persons": 3 * homes,
        "xy": SIDE_M * np.column_stack([np.arange(n) % width, np.arange(n) // width]).astype(np.float64),
        "area_m2": np.full(n, SIDE_M**2),
        "compound": np.full(n, NONE, dtype=np.int32),
        "previous": np.full(n, NONE, dtype=np.int32),
        "band": band,
        "target": band.target,
    }
    return Problem(**{**given, **fields})


def lattice(width: int, height: int, households: Iterable[int] | int, band: Band, **fields: Any) -> Problem:
    """Make a problem of squares in rows."""
    homes = [households] * (width * height) if isinstance(households, int) else households
    return problem_of(rook(width, height), homes, band, width=width, **fields)


def town(n: int, seed: int, **fields: Any) -> Problem:
    """Make a town of squares in rows of ten, a tenth of them without households, some edges missing."""
    rng = np.random.default_rng(seed)
    height = n // 10
    edges = [edge for edge in rook(10, height) if rng.random() < 0.9]
    homes = rng.integers(1, 80, size=n)
    homes[rng.random(n) < 0.1] = 0
    whole = nx.Graph(rook(10, height))
    kept = nx.Graph(edges)
    kept.add_nodes_from(range(n))
    edges += [(u, v) for u, v in nx.minimum_spanning_edges(whole, data=False) if not nx.has_path(kept, u, v)]
    return problem_of(edges, homes, Band(), width=10, **fields)


def graph_of(graph: Graph) -> nx.Graph:
    """Return a contiguity graph for networkx, which shares no code with the solver."""
    made = nx.Graph(list(zip(graph.heads().tolist(), graph.indices.tolist(), strict=True)))
    made.add_nodes_from(range(graph.n_units))
    return made


def pieces(graph: nx.Graph, labels: np.ndarray) -> list[int]:
    """Return the number of connected pieces of each region."""
    return [
        nx.number_connected_components(graph.subgraph(np.flatnonzero(labels == region).tolist()))
        for region in range(labels.max() + 1)
    ]


def partitions(graph: nx.Graph, sums: Iterable[int], households: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the labels of every partition into connected regions whose households are among ``sums``."""
    allowed = set(sums)

    def extend(left: frozenset[int]) -> Iterator[list[frozenset[int]]]:
        if not left:
            yield []
            return
        first = min(left)
        others = sorted(left - {first})
        for size in range(len(others) + 1):
            for chosen in combinations(others, size):
                region = frozenset((first, *chosen))
                if int(households[list(region)].sum()) in allowed and nx.is_connected(graph.subgraph(region)):
                    for rest in extend(left - region):
                        yield [region, *rest]

    for regions in extend(frozenset(graph)):
        labels = np.empty(len(graph), dtype=np.int32)
        for number, region in enumerate(regions):
            labels[list(region)] = number
        yield labels


@st.composite
def small_problems(draw: st.DrawFn, most: int = 9) -> Problem:
    """Draw a connected graph of few units with nasty households, 0 or 30 to 420, for a band of 300 to 500."""
    n = draw(st.integers(2, most))
    edges = [(draw(st.integers(0, unit - 1)), unit) for unit in range(1, n)]
    edges += draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=n))
    homes = draw(st.lists(st.one_of(st.just(0), st.integers(30, 420)), min_size=n, max_size=n))
    return problem_of([edge for edge in edges if edge[0] != edge[1]], homes, Band(), width=3)
