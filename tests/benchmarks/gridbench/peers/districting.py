"""GerryChain: recursive tree cuts, and ReCom run as an optimiser of work and boundary."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import networkx
import numpy as np

from gridbench.method import Method, Prepare, by_parts
from gridbench.parts import Part
from gridplan.partition.problem import Labels

MEAN_WEIGHT = 40.0


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


def _tree_labels(part: Part, graph: Any, rng: random.Random, bipartition: Callable[..., Any]) -> dict[int, int]:
    from gerrychain.partition import recursive_tree_part

    found: dict[int, int] = recursive_tree_part(
        graph, range(part.k), part.mean, "households", part.tolerance, bipartition_tree_fn=bipartition, rng=rng
    )
    return found


def _tree(part: Part) -> Callable[[], Labels]:
    from gerrychain import Graph
    from gerrychain.tree import bipartition_tree

    warnings.simplefilter("ignore")
    graph = Graph.from_networkx(_graph(part))

    def call() -> Labels:
        cut = partial(bipartition_tree, max_attempts=20_000)
        return _as_labels(part, graph, _tree_labels(part, graph, random.Random(part.seed), cut))

    return call


def _as_labels(part: Part, graph: Any, assigned: Mapping[int, int]) -> Labels:
    labels = np.empty(part.problem.n_units, dtype=np.int32)
    for node, label in assigned.items():
        labels[graph.original_nx_node_id_for_internal_node_id(node)] = label
    return labels


def _recom(steps_per_grid: int, surcharge: Mapping[str, float] | None = None) -> Prepare:
    def prepare(part: Part) -> Callable[[], Labels]:
        from gerrychain import Graph, Partition
        from gerrychain.tree import bipartition_tree
        from gerrychain.updaters import Tally

        warnings.simplefilter("ignore")
        graph = Graph.from_networkx(_graph(part))
        updaters = {"households": Tally("households"), "work": Tally("work", alias="work")}

        def call() -> Labels:
            rng, cut = random.Random(part.seed), partial(bipartition_tree, max_attempts=20_000)
            start = Partition(graph, _tree_labels(part, graph, rng, cut), updaters)
            best = _optimised(part, start, steps_per_grid * part.k, surcharge, rng)
            return _as_labels(part, graph, dict(best.assignment.items()))

        return call

    return prepare


def _optimised(part: Part, start: Any, steps: int, surcharge: Mapping[str, float] | None, rng: random.Random) -> Any:
    """Run a tilted chain from a start and return the best partition met."""
    from gerrychain.constraints import contiguous
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom
    from gerrychain.tree import bipartition_tree

    optimizer = SingleMetricOptimizer(
        partial(
            recom,
            pop_col="households",
            pop_target=part.mean,
            epsilon=part.tolerance,
            region_surcharge=dict(surcharge) if surcharge else None,
            bipartition_tree_fn=partial(bipartition_tree, max_attempts=100, allow_pair_reselection=True),
        ),
        [contiguous],
        start,
        _score(part),
        maximize=False,
        rng=rng,
    )
    until = time.perf_counter() + part.budget_s
    for _ in optimizer.tilted_run(steps, p=0.0):
        if time.perf_counter() > until:
            break
    return optimizer.best_part


def _score(part: Part) -> Callable[[Any], float]:
    """Return work off the mean, squared, and boundary by a disc's perimeter: the weights that gridplan has."""
    mean = float(part.problem.work.sum()) / part.k
    perimeter = 2.0 * np.sqrt(np.pi * part.problem.area_m2.sum() / part.k)

    def score(partition: Any) -> float:
        off = sum((work / mean - 1.0) ** 2 for work in partition["work"].values())
        cut = sum(
            partition.graph.edge_data(partition.graph.get_edge_id_from_edge(e))["length"]
            for e in partition["cut_edges"]
        )
        return float(MEAN_WEIGHT * off + cut / perimeter)

    return score


METHODS = [
    Method(
        "GerryChain tree",
        "recursive_tree_part, mean H/k, epsilon at the band",
        "gerrychain",
        by_parts(_tree),
        largest=20_000,
    ),
    Method(
        "GerryChain ReCom",
        "tilted run (p = 0), 100 steps per grid, score work + boundary",
        "gerrychain",
        by_parts(_recom(100)),
        largest=20_000,
    ),
    Method(
        "GerryChain ReCom compounds",
        "the same with region_surcharge 1 on compounds",
        "gerrychain",
        by_parts(_recom(100, {"compound": 1.0})),
        largest=20_000,
    ),
]
