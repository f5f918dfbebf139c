"""GerryChain: recursive tree cuts, and ReCom run as an optimiser of work and boundary."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import networkx
import numpy as np

from gridbench.method import Method, Prepare, by_parts
from gridbench.parts import Part
from gridbench.peers import multilevel
from gridplan.partition.problem import Labels

BREACH, BALANCE, SPLIT = 60.0, 40.0, 4.0
STEPS_PER_GRID = 100
TREE_STARTS, TREE_ATTEMPTS = 100, 200


def _graph(part: Part) -> networkx.Graph:
    """Return the part as networkx has it; a unit without a compound is a compound of its own."""
    problem = part.problem
    alone = -1 - np.arange(problem.n_units)
    compound = np.where(problem.compound >= 0, problem.compound, alone)
    graph = networkx.Graph()
    for unit in range(problem.n_units):
        graph.add_node(
            unit,
            households=int(problem.households[unit]),
            work=int(problem.work[unit]),
            compound=int(compound[unit]),
        )
    contiguity = problem.graph
    for one, two, border, opened in zip(
        contiguity.heads().tolist(), contiguity.indices.tolist(), contiguity.border_m, contiguity.open_m, strict=True
    ):
        if one < two:
            graph.add_edge(one, two, length=float(0.5 * border + opened))
    return graph


def _tree(part: Part) -> Callable[[], Labels]:
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    warnings.simplefilter("ignore")
    graph, rng = Graph.from_networkx(_graph(part)), random.Random(part.seed)
    cut = partial(bipartition_tree, max_attempts=TREE_ATTEMPTS)

    def call() -> Labels:
        for _ in range(TREE_STARTS):
            with suppress(RuntimeError):
                found = recursive_tree_part(
                    graph, range(part.k), part.mean, "households", part.tolerance, bipartition_tree_fn=cut, rng=rng
                )
                return _as_labels(part, graph, found)
        raise RuntimeError(f"no plan in {TREE_STARTS} starts of {TREE_ATTEMPTS} trees for each cut")

    return call


def _as_labels(part: Part, graph: Any, assigned: Mapping[int, int]) -> Labels:
    labels = np.empty(part.problem.n_units, dtype=np.int32)
    for node, label in assigned.items():
        labels[graph.original_nx_node_id_for_internal_node_id(node)] = label
    return labels


def _recom(start_from: Prepare, surcharge: float = 0.0) -> Prepare:
    """Return ReCom from a peer's labels; with a surcharge, trees and score keep compounds together."""

    def prepare(part: Part) -> Callable[[], Labels]:
        from gerrychain import Graph, Partition
        from gerrychain.updaters import Tally

        warnings.simplefilter("ignore")
        graph = Graph.from_networkx(_graph(part))
        updaters = {"households": Tally("households"), "work": Tally("work", alias="work")}
        first = start_from(part)

        def call() -> Labels:
            labels = first().tolist()
            place = {node: labels[graph.original_nx_node_id_for_internal_node_id(node)] for node in graph.node_indices}
            start = Partition(graph, place, updaters)
            best = _optimised(part, start, surcharge)
            return _as_labels(part, graph, dict(best.assignment.items()))

        return call

    return prepare


def _optimised(part: Part, start: Any, surcharge: float) -> Any:
    """Run a tilted chain from a start and return the best partition met."""
    from gerrychain.constraints import contiguous
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom
    from gerrychain.proposals.tree_proposals import MetagraphError
    from gerrychain.tree import bipartition_tree

    optimizer = SingleMetricOptimizer(
        partial(
            recom,
            pop_col="households",
            pop_target=part.mean,
            epsilon=part.tolerance,
            region_surcharge={"compound": surcharge} if surcharge else None,
            bipartition_tree_fn=partial(bipartition_tree, max_attempts=100, allow_pair_reselection=True),
        ),
        [contiguous],
        start,
        _score(part, start.graph, compounds=surcharge > 0.0),
        maximize=False,
        rng=random.Random(part.seed),
    )
    until = time.process_time() + part.budget_s
    # A chain that finds no pair of grids to cut anew stops with what it has.
    with suppress(MetagraphError):
        for _ in optimizer.tilted_run(STEPS_PER_GRID * part.k, p=0.0):
            if time.process_time() > until:
                break
    return optimizer.best_part


def _score(part: Part, graph: Any, *, compounds: bool) -> Callable[[Any], float]:
    """
    Return what gridplan weighs, but for inertia: breaches of the band, work, boundary and open boundary, splits.

    Work off the mean is squared; boundary is by the perimeter of a disc of the mean area.
    """
    mean, band = float(part.problem.work.sum()) / part.k, part.band
    perimeter = 2.0 * np.sqrt(np.pi * part.problem.area_m2.sum() / part.k)
    inside = [(node, graph.node_data(node)["compound"]) for node in graph.node_indices]
    inside = [(node, compound) for node, compound in inside if compound >= 0]

    def score(partition: Any) -> float:
        breach = sum(not band.minimum <= held <= band.maximum for held in partition["households"].values())
        off = sum((work / mean - 1.0) ** 2 for work in partition["work"].values())
        total = BREACH * breach + BALANCE * off + _cut_length(partition) / perimeter
        return float(total + (SPLIT * _pieces(partition, inside) if compounds else 0.0))

    return score


def _cut_length(partition: Any) -> float:
    graph = partition.graph
    edges = map(graph.get_edge_id_from_edge, partition["cut_edges"])
    return sum(float(graph.edge_data(edge)["length"]) for edge in edges)


def _pieces(partition: Any, inside: list[tuple[int, int]]) -> int:
    """Return in how many grids the compounds lie, counted together."""
    place = partition.assignment.mapping
    return len({(compound, place[node]) for node, compound in inside})


METHODS = [
    Method(
        "GerryChain tree",
        f"recursive_tree_part, target H/k, epsilon at the band, {TREE_STARTS} starts of {TREE_ATTEMPTS} trees",
        "gerrychain",
        by_parts(_tree),
        largest=20_000,
    ),
    Method(
        "GerryChain ReCom",
        f"from METIS k-way 100, tilted run (p = 0), {STEPS_PER_GRID} steps per grid, gridplan's score less inertia",
        "gerrychain",
        by_parts(_recom(multilevel.balanced)),
        largest=20_000,
    ),
    Method(
        "GerryChain ReCom compounds",
        "from METIS k-way 200 streets, region_surcharge 5 on compounds, splits in the score",
        "gerrychain",
        by_parts(_recom(multilevel.along_streets, 5.0)),
        largest=20_000,
    ),
]
