"""METIS (pymetis) and KaHIP: multilevel partitioners that minimise the weight of cut edges under a balance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridbench.method import Method, Prepare, by_parts
from gridbench.parts import Part
from gridplan.partition.problem import Ints, Labels

Weigh = Callable[[Part], Ints]


def _by_border(part: Part) -> Ints:
    """Weigh an edge by its border in decimetres, at least 1."""
    return np.maximum(np.round(part.problem.graph.border_m * 10.0), 1).astype(np.int64)


def _by_all(part: Part) -> Ints:
    """
    Weigh an edge by what gridplan would pay for it: half its border and what of it follows no barrier.

    Edges inside a compound of at most the maximum weigh another five mean borders, so that cuts avoid it.
    """
    graph, compound = part.problem.graph, part.problem.compound
    heads = graph.heads()
    inside = (compound[heads] >= 0) & (compound[heads] == compound[graph.indices])
    size = np.bincount(np.maximum(compound, 0), part.problem.households)
    inside &= size[np.maximum(compound[heads], 0)] <= part.band.maximum
    length = 0.5 * graph.border_m + graph.open_m + inside * 5.0 * graph.border_m.mean()
    weights: Ints = np.maximum(np.round(length * 10.0), 1).astype(np.int64)
    return weights


def _metis(weigh: Weigh, *, recursive: bool = False, **options: int) -> Prepare:
    def prepare(part: Part) -> Callable[[], Labels]:
        import pymetis

        graph = part.problem.graph
        kway = {} if recursive else {"contig": 1}
        chosen = pymetis.Options(seed=part.seed, **kway, **options)
        arrays = [np.asarray(a, dtype=np.int64).tolist() for a in (graph.indptr, graph.indices)]
        mass, edges = part.problem.households.tolist(), weigh(part).tolist()

        def call() -> Labels:
            _, labels = pymetis.part_graph(
                part.k,
                xadj=arrays[0],
                adjncy=arrays[1],
                vweights=mass,
                eweights=edges,
                recursive=recursive,
                options=chosen,
            )
            return np.asarray(labels, dtype=np.int32)

        return call

    return prepare


def _kahip(weigh: Weigh, mode: int, imbalance: float) -> Prepare:
    def prepare(part: Part) -> Callable[[], Labels]:
        import kahip

        graph = part.problem.graph
        lists = (part.problem.households, graph.indptr, weigh(part), graph.indices)
        mass, starts, edges, heads = (np.asarray(a).tolist() for a in lists)

        def call() -> Labels:
            _, labels = kahip.kaffpa(mass, starts, edges, heads, part.k, imbalance, True, part.seed, mode)
            return np.asarray(labels, dtype=np.int32)

        return call

    return prepare


# Starts for chains that need one: contiguous, and mostly in the band.
balanced = _metis(_by_border, ufactor=100, ncuts=10)
along_streets = _metis(_by_all, ufactor=200, ncuts=10)

_ECO, _STRONG = 1, 2
_STREETS = "edges weighted by border, streets and compounds"

METHODS = [
    Method(
        "METIS k-way 30",
        "ufactor 30 (its default), contiguous, edges by border",
        "pymetis",
        by_parts(_metis(_by_border, ufactor=30)),
    ),
    Method(
        "METIS k-way 100",
        "ufactor 100, 10 cuts, contiguous, edges by border",
        "pymetis",
        by_parts(_metis(_by_border, ufactor=100, ncuts=10)),
    ),
    Method(
        "METIS k-way 200",
        "ufactor 200, 10 cuts, contiguous, edges by border",
        "pymetis",
        by_parts(_metis(_by_border, ufactor=200, ncuts=10)),
    ),
    Method(
        "METIS k-way 200 streets",
        f"ufactor 200, 10 cuts, contiguous, {_STREETS}",
        "pymetis",
        by_parts(along_streets),
    ),
    Method(
        "METIS recursive",
        "recursive bisection, ufactor 30, 10 cuts",
        "pymetis",
        by_parts(_metis(_by_border, recursive=True, ufactor=30, ncuts=10)),
    ),
    Method("KaHIP eco 0.03", "eco, imbalance 0.03, edges by border", "kahip", by_parts(_kahip(_by_border, _ECO, 0.03))),
    Method(
        "KaHIP eco 0.10 streets", f"eco, imbalance 0.10, {_STREETS}", "kahip", by_parts(_kahip(_by_all, _ECO, 0.10))
    ),
    Method(
        "KaHIP strong 0.10",
        "strong, imbalance 0.10, edges by border",
        "kahip",
        by_parts(_kahip(_by_border, _STRONG, 0.10)),
        largest=20_000,
    ),
    Method(
        "KaHIP strong 0.20",
        "strong, imbalance 0.20, edges by border",
        "kahip",
        by_parts(_kahip(_by_border, _STRONG, 0.20)),
        largest=20_000,
    ),
]
