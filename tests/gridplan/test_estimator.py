"""The partitioner as an estimator: scikit-learn's own checks, households in the band, graphs given and made."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.utils.estimator_checks import parametrize_with_checks

from gridplan import BalancedRegions
from gridplan.errors import RulesError
from gridplan.partition.initial import components

# scikit-learn's data have 20 to 200 samples of weight one; the band is one that they can be cut to.
SMALL = BalancedRegions(minimum=10, target=16, maximum=25, effort="quick")


# All apply and none is excepted.
@parametrize_with_checks([SMALL])
def test_scikit_learn_finds_an_estimator(estimator, check) -> None:
    check(estimator)


def town(n: int = 120, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 800, size=(n, 2)), rng.integers(0, 60, size=n)


def test_regions_lie_in_the_band_and_keep_all_households() -> None:
    places, households = town()
    model = BalancedRegions().fit(places, sample_weight=households)
    assert model.breaches_ == ()
    assert model.households_.sum() == households.sum()
    np.testing.assert_array_equal(model.households_, np.bincount(model.labels_, households))
    assert 300 <= model.households_.min() <= model.households_.max() <= 500


def test_a_graph_given_is_kept() -> None:
    # 2 x 6 with a wall between the rows: no region has units of both.
    across = [(row * 6 + x, row * 6 + x + 1) for row in range(2) for x in range(5)]
    matrix = csr_matrix((np.full(len(across), 50.0), np.transpose(across)), shape=(12, 12))
    places = 50.0 * np.column_stack([np.arange(12) % 6, np.arange(12) // 6])
    model = BalancedRegions(25, 30, 35).fit(places, sample_weight=np.full(12, 10), connectivity=matrix)
    assert model.n_regions_ == 4
    for region in range(4):
        units = np.flatnonzero(model.labels_ == region)
        np.testing.assert_array_equal(units, np.arange(units[0], units[0] + 3))


def test_units_of_length_do_not_matter() -> None:
    places, households = town()
    metres = BalancedRegions().fit_predict(places, sample_weight=households)
    np.testing.assert_array_equal(BalancedRegions().fit_predict(places / 1024 + 4, sample_weight=households), metres)


def test_a_number_is_kept_or_refused_with_the_numbers_that_fit() -> None:
    places, households = town()
    total = households.sum()
    assert BalancedRegions(n_regions=10).fit(places, sample_weight=households).n_regions_ == 10
    with pytest.raises(RulesError, match=f"20 grids are set.* {-(-total // 500)} to {total // 300} grids"):
        BalancedRegions(n_regions=20).fit(places, sample_weight=households)


def test_what_cannot_be_kept_is_named() -> None:
    model = BalancedRegions().fit(np.column_stack([np.arange(3.0), np.zeros(3)]), sample_weight=[200, 179, 200])
    assert [(b.reason, b.proven) for b in model.breaches_] == [("total_fits_no_number", True)]


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1, 2.5, 3], "1 of 3 are not, the first is .*2.5.* in row 1"), ([1, -2, -3], "2 of 3 are not, .* in row 1")],
)
def test_households_are_whole(weights: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BalancedRegions().fit(np.eye(3, 2), sample_weight=weights)


@pytest.mark.parametrize(("matrix", "message"), [(np.eye(2), r"\(2, 2\)"), (-np.ones((3, 3)), ">= 0; found .*-1.0")])
def test_a_graph_that_is_none_is_refused(matrix: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BalancedRegions().fit(np.eye(3, 2), connectivity=matrix)


@pytest.mark.parametrize("shape", ["cloud", "lattice", "row", "stacked", "one"])
def test_the_graph_of_points_is_connected_and_gabriel(shape: str) -> None:
    from gridplan.estimator import _gabriel

    rng = np.random.default_rng(2)
    places = {
        "cloud": rng.normal(size=(60, 2)),
        "lattice": np.column_stack(np.divmod(np.arange(30), 6)).astype(float),
        "row": np.column_stack([rng.permutation(9), np.zeros(9)]).astype(float),
        "stacked": np.repeat(rng.normal(size=(7, 2)), 3, axis=0),
        "one": np.zeros((1, 2)),
    }[shape]
    graph = _gabriel(places)
    assert components(graph)[0] == 1
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    for u, v in zip(graph.heads(), graph.indices, strict=True):
        # No third point inside the circle whose diameter is the edge.
        others = np.delete(np.arange(len(places)), [u, v])
        assert (squares[u, others] + squares[v, others] >= squares[u, v] - 1e-9).all()


def test_random_states() -> None:
    places, households = town()
    by_int = BalancedRegions(random_state=3).fit_predict(places, sample_weight=households)
    by_generator = BalancedRegions(random_state=np.random.default_rng(3)).fit_predict(places, sample_weight=households)
    np.testing.assert_array_equal(by_int, by_generator)


def test_importing_the_package_stays_light() -> None:
    code = "import sys, gridplan; print(sorted({'sklearn', 'numba', 'pandas', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not hasattr(__import__("gridplan"), "Missing")
