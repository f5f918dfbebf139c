"""scikit-learn's KMeans and Ward, and k-means-constrained: places alone, or places with a size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridbench.method import Method, by_parts
from gridbench.parts import Part
from gridplan.partition.initial import adjacency
from gridplan.partition.problem import Labels

# k-means-constrained bounds the number of points, not their weight: a unit becomes a point for so many households.
HOUSEHOLDS_PER_POINT = 10


def _kmeans(part: Part) -> Callable[[], Labels]:
    from sklearn.cluster import KMeans

    mass = part.problem.households + 1e-3
    model = KMeans(part.k, n_init=10, random_state=part.seed)
    return lambda: model.fit(part.problem.xy, sample_weight=mass).labels_


def _ward(part: Part) -> Callable[[], Labels]:
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(part.k, linkage="ward", connectivity=adjacency(part.problem.graph))
    return lambda: model.fit(part.problem.xy).labels_


def _constrained(part: Part) -> Callable[[], Labels]:
    from k_means_constrained import KMeansConstrained

    points = np.maximum(np.round(part.problem.households / HOUSEHOLDS_PER_POINT), 1).astype(np.int64)
    unit = np.repeat(np.arange(part.problem.n_units), points)
    per_grid, slack = len(unit) / part.k, part.tolerance
    model = KMeansConstrained(
        part.k,
        size_min=int(np.floor(per_grid * (1.0 - slack))),
        size_max=int(np.ceil(per_grid * (1.0 + slack))),
        n_init=1,
        max_iter=30,
        random_state=part.seed,
    )

    def call() -> Labels:
        label = model.fit_predict(part.problem.xy[unit])
        votes = np.zeros((part.problem.n_units, part.k), dtype=np.int64)
        np.add.at(votes, (unit, label), 1)
        return np.asarray(votes.argmax(axis=1), dtype=np.int32)

    return call


METHODS = [
    Method("scikit-learn KMeans", "households as weights, 10 starts", "scikit-learn", by_parts(_kmeans)),
    Method("scikit-learn Ward", "connectivity given", "scikit-learn", by_parts(_ward)),
    Method(
        "k-means-constrained",
        f"a point per {HOUSEHOLDS_PER_POINT} households, bounds at the band, a unit goes where most of its points go",
        "k-means-constrained",
        by_parts(_constrained),
        largest=20_000,
    ),
]
