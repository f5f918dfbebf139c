"""The partitioner as a scikit-learn estimator: points and households in, labels out, no file."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_matrix, csr_matrix
from scipy.spatial import Delaunay, QhullError
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import _check_sample_weight, check_array, validate_data

from gridplan.partition.exact_parts import settled
from gridplan.partition.problem import NONE, Floats, Graph, Ints, Problem, graph_from_edges
from gridplan.partition.search import region_sums
from gridplan.partition.solve import EffortName, solve
from gridplan.rules import Band, Weights

# Points are scaled to this mean spacing, metres: the solver keeps places to a tenth of a metre.
SPACING_M = 20.0


class BalancedRegions(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """
    Connected, compact regions whose households lie in a band, balanced.

    Parameters
    ----------
    minimum, target, maximum
        Households of a region, 0 < minimum <= target <= maximum.
    n_regions
        Number of regions; None has it chosen so that regions come near the target.
    balance, compactness, boundary
        Weights of the objective (`gridplan.rules.Weights`), >= 0: squared deviation of households from the mean,
        moment of inertia, length of the boundary.
    effort
        ``quick``, ``normal`` or ``best``.
    random_state
        An int, ``numpy.random.Generator`` or ``RandomState``. None is 0: the same data give the same labels.

    Attributes
    ----------
    labels_
        Shape (n_samples,): region of each sample, 0 to ``n_regions_ - 1``.
    n_regions_
        Number of regions.
    households_
        Shape (n_regions_,): households of each region.
    breaches_
        Regions out of the band, each a `gridplan.partition.problem.Breach` with value, limit and reason. They are
        not refused: a part of 579 households fits no number of regions of 300 to 500.
    n_features_in_
        Columns of X.
    feature_names_in_
        Names of the columns, where X has them as text.

    Examples
    --------
    >>> import numpy as np
    >>> from gridplan import BalancedRegions
    >>> rows, columns = np.divmod(np.arange(36), 6)
    >>> regions = BalancedRegions(minimum=80, target=90, maximum=100)
    >>> regions.fit(50.0 * np.column_stack([columns, rows]), sample_weight=np.full(36, 10)).households_
    array([90, 90, 90, 90])
    """

    def __init__(
        self,
        minimum: int = 300,
        target: int = 400,
        maximum: int = 500,
        *,
        n_regions: int | None = None,
        balance: float = 1.0,
        compactness: float = 1.0,
        boundary: float = 0.5,
        effort: EffortName = "normal",
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
    ) -> None:
        self.minimum = minimum
        self.target = target
        self.maximum = maximum
        self.n_regions = n_regions
        self.balance = balance
        self.compactness = compactness
        self.boundary = boundary
        self.effort = effort
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,  # noqa: N803 - scikit-learn's name
        y: None = None,  # noqa: ARG002 - scikit-learn passes it
        sample_weight: ArrayLike | None = None,
        connectivity: Any = None,
    ) -> Self:
        """
        Cut the samples into regions.

        Parameters
        ----------
        X
            Shape (n_samples, n_features): places in metres, in a projected CRS. Of more than two columns the two
            principal axes count.
        y
            Ignored.
        sample_weight
            Shape (n_samples,): households of each sample, whole numbers >= 0; None is one each.
        connectivity
            Shape (n_samples, n_samples), sparse or dense: length of the border that two samples share, in the unit of
            X; 0 where they do not touch. The larger of both directions counts. None takes the points' Gabriel graph
            with borders of the mean spacing. Its parts need not be connected; no region joins two of them.

        Raises
        ------
        ValueError
            If households are negative or fractional, or connectivity is negative or of another shape.
        RulesError
            If the band contradicts itself, ``n_regions`` fits the households in no way, or households or weights are
            too large to be summed up (a ValueError too).
        """
        places = _plane(validate_data(self, X, dtype=np.float64))
        households = _whole(_check_sample_weight(sample_weight, places, dtype=np.float64))
        spacing = _spacing(places)
        problem = Problem(
            graph=_gabriel(places) if connectivity is None else _given(connectivity, len(places), SPACING_M / spacing),
            households=households,
            work=households,
            persons=np.zeros_like(households),
            xy=places * (SPACING_M / spacing),
            area_m2=np.full(len(places), SPACING_M**2),
            compound=np.full(len(places), NONE, dtype=np.int32),
            previous=np.full(len(places), NONE, dtype=np.int32),
            band=Band(self.minimum, self.target, self.maximum),
            target=self.target,
            weights=Weights(
                balance=self.balance, compactness=self.compactness, boundary=self.boundary, barriers=0.0, stability=0.0
            ),
            n_regions=self.n_regions,
        )
        rng = _generator(self.random_state)
        # As in a plan: what the search left open is decided by the exact model, where that is installed.
        result = settled(problem, solve(problem, rng=rng, effort=self.effort), rng=rng, effort=self.effort)
        self.labels_, self.n_regions_, self.breaches_ = result.labels, result.n_regions, result.breaches
        self.households_ = region_sums(result.labels, result.n_regions, households)
        return self


def _generator(random_state: int | np.random.Generator | np.random.RandomState | None) -> np.random.Generator:
    if isinstance(random_state, np.random.RandomState):
        random_state = int(random_state.randint(2**31 - 1))
    return np.random.default_rng(0 if random_state is None else random_state)


def _whole(weights: Floats) -> Ints:
    households = np.round(weights).astype(np.int64)
    wrong = np.flatnonzero((households != weights) | (weights < 0))
    if len(wrong):
        raise ValueError(
            f"sample_weight are households, whole numbers >= 0; "
            f"{len(wrong)} of {len(weights)} are not, the first is {weights[wrong[0]]!r} in row {wrong[0]}"
        )
    return households


def _plane(values: Floats) -> Floats:
    """Return places in a plane: two columns as they are, one beside zeros, more along their two principal axes."""
    if values.shape[1] == 1:
        return np.column_stack([values, np.zeros(len(values))])
    if values.shape[1] == 2:
        return values
    centred = values - values.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    # An axis may point either way; its largest part decides.
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    plane: Floats = centred @ axes.T
    return plane if plane.shape[1] == 2 else np.column_stack([plane, np.zeros(len(plane))])


def _spacing(places: Floats) -> float:
    """Return the mean distance of neighbours, were the places spread evenly over their box; 1 for a single place."""
    width, height = np.sort(np.ptp(places, axis=0))[::-1].tolist()
    # A row of points is a strip as wide as its spacing.
    return float(np.sqrt(width * max(height, width / len(places)) / len(places))) or 1.0


def _given(connectivity: Any, n: int, scale: float) -> Graph:
    matrix = check_array(connectivity, accept_sparse=True, dtype=np.float64, ensure_min_samples=0)
    if matrix.shape != (n, n):
        raise ValueError(f"connectivity has shape {matrix.shape}, X has {n} samples: expected ({n}, {n})")
    lengths = csr_matrix(matrix)
    if lengths.nnz and lengths.data.min() < 0:
        raise ValueError(f"connectivity holds lengths of borders, >= 0; found {lengths.data.min()!r}")
    both = coo_matrix(lengths.maximum(lengths.T))
    upper = (both.row < both.col) & (both.data > 0)
    border = both.data[upper] * scale
    return graph_from_edges(n, both.row[upper], both.col[upper], border, np.zeros_like(border))


def _gabriel(places: Floats) -> Graph:
    """
    Return the Gabriel graph of some places, with borders of the mean spacing: planar and connected.

    References
    ----------
    Gabriel, Sokal 1969; an edge of the Delaunay triangulation is Gabriel's where no angle opposite is obtuse.
    """
    n = len(places)
    distinct, first, member = np.unique(places, axis=0, return_index=True, return_inverse=True)
    edges = _gabriel_edges(distinct)
    # Samples on one place are neighbours of the first of them.
    twins = np.setdiff1d(np.arange(n), first)
    heads = np.concatenate([first[edges[:, 0]], twins])
    tails = np.concatenate([first[edges[:, 1]], first[member.ravel()[twins]]])
    border = np.full(len(heads), SPACING_M)
    return graph_from_edges(n, heads, tails, border, np.zeros_like(border))


def _gabriel_edges(places: Floats) -> Ints:
    """Return the edges between distinct places in lexical order, shape (n_edges, 2)."""
    chain = np.column_stack([np.arange(len(places) - 1), np.arange(1, len(places))])
    try:
        triangulation = Delaunay(places - places.mean(axis=0)) if len(places) > 2 else None
    except QhullError:
        triangulation = None
    if triangulation is None:
        # Fewer than three, or all on one line: the lexical order is the order along it.
        return chain
    corners = triangulation.simplices
    pairs, obtuse = [], []
    for apex in range(3):
        ends = corners[:, [(apex + 1) % 3, (apex + 2) % 3]]
        arms = places[ends] - places[corners[:, apex]][:, None, :]
        pairs.append(np.sort(ends, axis=1))
        obtuse.append((arms[:, 0] * arms[:, 1]).sum(axis=1) < 0)
    edges, member = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    far = np.zeros(len(edges), dtype=np.bool_)
    np.logical_or.at(far, member.ravel(), np.concatenate(obtuse))
    # What the triangulation leaves out as too near to another place hangs on that one.
    return np.concatenate([edges[~far], triangulation.coplanar[:, [0, 2]]]).astype(np.int64)
