"""First labels: a connected partition into a given number of regions, as round as Ward's method makes it."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridplan.partition.problem import Floats, Graph, Ints, Labels


def adjacency(graph: Graph) -> csr_matrix:
    """Return the contiguity of a graph as a sparse matrix of ones, shape (n_units, n_units)."""
    n = graph.n_units
    return csr_matrix((np.ones(len(graph.indices), dtype=np.int8), graph.indices, graph.indptr), shape=(n, n))


def components(graph: Graph) -> tuple[int, Labels]:
    """Return the number of connected parts and the part of each unit, numbered by their first unit."""
    if graph.n_units == 0:
        return 0, np.empty(0, dtype=np.int32)
    count, labels = connected_components(adjacency(graph), directed=False)
    return int(count), labels.astype(np.int32)


def subgraph(graph: Graph, units: Ints) -> Graph:
    """
    Return the graph of some units, renumbered in the order given.

    Parameters
    ----------
    graph
        Graph of all units.
    units
        Ascending numbers of the units to keep.
    """
    place = np.full(graph.n_units, -1, dtype=np.int32)
    place[units] = np.arange(len(units), dtype=np.int32)
    heads = place[graph.heads()]
    tails = place[graph.indices]
    keep = (heads >= 0) & (tails >= 0)
    indptr = np.zeros(len(units) + 1, dtype=np.int32)
    np.cumsum(np.bincount(heads[keep], minlength=len(units)), out=indptr[1:])
    return Graph(indptr, tails[keep], graph.border_m[keep], graph.open_m[keep])


def ward_labels(graph: Graph, xy: Floats, k: int, *, rng: np.random.Generator | None = None) -> Labels:
    """
    Cut a connected graph into k connected regions by Ward's method on the units' places.

    Parameters
    ----------
    graph
        Connected graph of n_units >= k >= 1.
    xy
        Shape (n_units, 2), metres.
    k
        Number of regions.
    rng
        Where given, the places are jittered by a fifth of their spread within a region, for another start.

    References
    ----------
    scikit-learn's ``AgglomerativeClustering`` with connectivity; measured best cheap start among Ward, k-means and
    METIS in front of annealing.
    """
    if k == 1:
        return np.zeros(graph.n_units, dtype=np.int32)
    if k == graph.n_units:
        return np.arange(k, dtype=np.int32)
    from sklearn.cluster import AgglomerativeClustering

    places = xy - xy.mean(axis=0)
    if rng is not None:
        places = places + rng.normal(scale=0.2 * places.std() / np.sqrt(k), size=places.shape)
    model = AgglomerativeClustering(n_clusters=k, connectivity=adjacency(graph), linkage="ward")
    return np.asarray(model.fit_predict(places), dtype=np.int32)
