"""A revision keeps what fits and moves as few households as the rules need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fewest import fewest_moved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from revision_cases import BAND, grown_or_shrunk, lattice

from gridplan.partition.contract import connected_regions
from gridplan.partition.portfolio import EFFORTS, never, search_labels
from gridplan.revising.moved import kept_households, shared_with_present
from gridplan.revising.revise import revise_labels
from gridplan.rules import ReviseRules


def revised(problem, mode="repair", budget=0.05, effort="normal", seed=0):
    revision = ReviseRules(mode, budget)
    found = revise_labels(problem, np.random.default_rng(seed), EFFORTS[effort], never, revision=revision)
    assert connected_regions(problem, found.labels)
    return found.labels


def totals(problem, labels):
    return np.bincount(labels, problem.households).astype(int)


def moved(problem, labels):
    """Return the households whose grid's code changes."""
    present = np.bincount(problem.previous, problem.households).astype(np.int64)
    shared = shared_with_present(labels, problem.previous, problem.households, len(present))
    return int(present.sum() - kept_households(shared, totals(problem, labels), present).sum())


def drawn(text):
    return np.array([[int(item) for item in line.split()] for line in text.split("\n") if line.strip()])


def test_what_fits_stays_to_the_last_piece_of_ground():
    """
    Two grids inside the band, with ground of no households in both, one of them crooked: nothing changes.
    """
    households = drawn("10 10 0 10\n10 10 10 0\n 0 0 10 10")
    present = drawn("0 0 0 1\n0 0 1 1\n1 1 1 1")
    problem = lattice(households, present, BAND)
    assert (revised(problem) == revised(problem, seed=1)).all()
    groups = {frozenset(np.flatnonzero(revised(problem) == r)) for r in (0, 1)}
    assert groups == {frozenset(np.flatnonzero(present.ravel() == g)) for g in (0, 1)}


def test_a_grid_that_fell_below_takes_the_fewest_households_it_needs():
    """
    The left grid has 24 of 30; its neighbour can give 6 without falling below: the one unit of 6 on the border goes.
    """
    households = drawn("8 6 9 9\n8 9 9 9\n8 0 0 0")
    present = drawn("0 1 1 1\n0 1 1 1\n0 0 1 1")
    problem = lattice(households, present, BAND)
    labels = revised(problem)
    assert moved(problem, labels) == 6
    assert sorted(totals(problem, labels)) == [30, 45]


def test_a_grid_that_grew_above_is_split_and_keeps_its_code_with_the_larger_part():
    """
    One grid of 70: 20 at least must leave, but a grid needs 30; so 30 leave and 40 stay.
    """
    problem = lattice(drawn("10 10 10 10 10 10 10"), drawn("0 0 0 0 0 0 0"), BAND)
    labels = revised(problem)
    assert moved(problem, labels) == 30
    assert sorted(totals(problem, labels)) == [30, 40]


def test_grids_too_small_to_stand_are_merged():
    """
    Three grids of 20, 10 and 15 side by side: 45 in all, one grid. It is no half of any but the first.
    """
    problem = lattice(drawn("5 5 5 5 5 5 5 5 5"), drawn("0 0 0 0 1 1 2 2 2"), BAND)
    labels = revised(problem)
    assert totals(problem, labels).tolist() == [45]


def test_a_unit_above_the_maximum_becomes_a_grid_of_its_own():
    problem = lattice(drawn("10 10 10 80 10 10 10"), drawn("0 0 0 0 0 0 0"), BAND)
    labels = revised(problem)
    assert sorted(totals(problem, labels)) == [30, 30, 80]


@pytest.mark.parametrize("kind", ["growth", "decline", "noise"])
def test_moves_hardly_more_than_the_exact_minimum(kind):
    """Grids that have ceased to fit the band, on 20 units: at most 1.15 times the proven fewest households move."""
    problem = grown_or_shrunk((4, 5), kind, np.random.default_rng(1))
    labels = revised(problem)
    sums = totals(problem, labels)
    assert ((sums >= BAND.minimum) & (sums <= BAND.maximum)).all()
    least = fewest_moved(problem, more=1)
    assert least.proven
    assert moved(problem, labels) <= 1.15 * least.bound


@given(st.integers(0, 10**6))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_in_the_band_wherever_a_cut_afresh_is_and_never_more_moved(seed):
    """Connected, in the band where a fresh cut is, fewer moved than by that; balance keeps to its budget."""
    rng = np.random.default_rng(seed)
    before = rng.integers(2, 14, (5, 6))
    cut = search_labels(lattice(before, np.full((5, 6), -1), BAND), rng, EFFORTS["quick"], never)
    after = np.maximum(np.round(before * rng.uniform(0.3, 1.8, before.shape)), 0)
    problem = lattice(after, cut.labels.reshape(5, 6), BAND)

    def out_of_band(labels):
        sums = totals(problem, labels)
        return int(((sums < BAND.minimum) | (sums > BAND.maximum)).sum())

    fresh = revised(problem, "free", effort="quick")
    repaired = revised(problem, effort="quick")
    balanced = revised(problem, "balance", budget=0.2, effort="quick")
    assert out_of_band(repaired) <= out_of_band(fresh)
    if out_of_band(repaired) == out_of_band(fresh) == 0:
        assert moved(problem, repaired) <= moved(problem, fresh)
        budget = max(0.2 * problem.households.sum(), moved(problem, repaired))
        assert moved(problem, balanced) <= budget


@pytest.mark.parametrize("wanted", [3, 4, 5])
def test_a_number_of_grids_that_is_set_is_reached_from_the_present_grids(wanted):
    """Four grids inside the band, three to five are asked for: what has to be merged or split moves, and no more."""
    rng = np.random.default_rng(4)
    before = rng.integers(4, 8, (5, 6))
    cut = search_labels(lattice(before, np.full((5, 6), -1), BAND), rng, EFFORTS["quick"], never)
    assert cut.k == 4
    factor = wanted * 40 / before.sum()
    problem = replace(lattice(np.round(before * factor), cut.labels.reshape(5, 6), BAND), n_regions=wanted)
    repaired, fresh = revised(problem), revised(problem, "free")
    assert repaired.max() + 1 == wanted
    assert ((totals(problem, repaired) >= BAND.minimum) & (totals(problem, repaired) <= BAND.maximum)).all()
    assert moved(problem, repaired) <= min(moved(problem, fresh), abs(wanted - 4) * BAND.maximum)
