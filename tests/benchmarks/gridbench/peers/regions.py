"""spopt: max-p, SKATER, AZP and region k-means on the units' places."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gridbench.method import Method, by_parts
from gridbench.parts import Part
from gridplan.partition.problem import Labels

# The package's defaults (99 and 10) end no instance here in two minutes; these end the small ones.
CONSTRUCTIONS, ANNEALINGS = 20, 5


def _weights(part: Part) -> Any:
    from libpysal.weights import W

    graph = part.problem.graph
    ends = zip(graph.indptr[:-1], graph.indptr[1:], strict=True)
    return W({unit: graph.indices[a:b].tolist() for unit, (a, b) in enumerate(ends)}, silence_warnings=True)


def _frame(part: Part) -> Any:
    import geopandas as gpd

    problem = part.problem
    x, y = (problem.xy - problem.xy.mean(axis=0)).T
    columns = {"x": x, "y": y, "households": problem.households}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y))


def _solved(model: Any) -> Callable[[], Labels]:
    def call() -> Labels:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.solve()
        return np.asarray(model.labels_)

    return call


def _maxp(part: Part) -> Callable[[], Labels]:
    from spopt.region import MaxPHeuristic

    np.random.seed(part.seed)  # noqa: NPY002 - max-p draws from numpy's global state
    model = MaxPHeuristic(
        _frame(part),
        _weights(part),
        ["x", "y"],
        "households",
        part.band.minimum,
        top_n=2,
        max_iterations_construction=CONSTRUCTIONS,
        max_iterations_sa=ANNEALINGS,
    )
    return _solved(model)


def _skater(part: Part) -> Callable[[], Labels]:
    from spopt.region import Skater

    floor = max(part.problem.n_units // (3 * part.k), 1)
    return _solved(Skater(_frame(part), _weights(part), ["x", "y"], part.k, floor=floor))


def _azp(part: Part) -> Callable[[], Labels]:
    from spopt.region import AZP

    return _solved(AZP(_frame(part), _weights(part), ["x", "y"], part.k, random_state=part.seed))


def _region_kmeans(part: Part) -> Callable[[], Labels]:
    from spopt.region import RegionKMeansHeuristic

    places = part.problem.xy - part.problem.xy.mean(axis=0)
    return _solved(RegionKMeansHeuristic(places, part.k, _weights(part), seed=part.seed))


METHODS = [
    Method(
        "spopt max-p",
        f"threshold at the band's minimum, top_n 2, {CONSTRUCTIONS} constructions, {ANNEALINGS} annealings",
        "spopt",
        by_parts(_maxp),
        largest=2_000,
    ),
    Method("spopt SKATER", "floor a third of the mean units", "spopt", by_parts(_skater), largest=2_000),
    Method("spopt AZP", "Openshaw and Rao's original", "spopt", by_parts(_azp), largest=2_000),
    Method("spopt region k-means", "", "spopt", by_parts(_region_kmeans), largest=2_000),
]
