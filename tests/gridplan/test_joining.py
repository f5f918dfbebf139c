"""Village groups and joined pairs become one unit for the solver, with what lies between a pair."""

from __future__ import annotations

import numpy as np
import pytest

from gridplan.errors import RulesError
from gridplan.joining import together, with_whole_groups
from gridplan.partition.problem import NONE, Graph, graph_from_edges

NO_GROUP = np.full(6, NONE)
NO_PAIR = np.empty((0, 2), dtype=np.int64)
XY = np.column_stack([np.arange(6) * 100.0, np.zeros(6)])


def chain(*edges: tuple[int, int]) -> Graph:
    """Return a graph of six units in a row, 0 - 1 - 2 - 3 - 4 - 5 unless edges are given."""
    first, second = np.array(edges or [(u, u + 1) for u in range(5)]).T
    return graph_from_edges(6, first, second, np.full(len(first), 50.0), np.full(len(first), 20.0))


def sets(labels: np.ndarray) -> set[frozenset[int]]:
    """Return the groups of more than one unit."""
    found = [frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]
    return {units for units in found if len(units) > 1}


def test_a_pair_takes_what_lies_between() -> None:
    assert sets(together(chain(), NO_GROUP, np.array([[1, 4]]))) == {frozenset({1, 2, 3, 4})}


def test_a_pair_takes_the_shortest_way() -> None:
    ring = chain((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0))
    assert sets(together(ring, NO_GROUP, np.array([[0, 4]]))) == {frozenset({0, 5, 4})}


def test_pairs_that_share_a_unit_are_one() -> None:
    assert sets(together(chain(), NO_GROUP, np.array([[0, 1], [1, 2], [4, 5]]))) == {
        frozenset({0, 1, 2}),
        frozenset({4, 5}),
    }


def test_a_pair_of_one_unit_changes_nothing() -> None:
    assert sets(together(chain(), NO_GROUP, np.array([[3, 3]]))) == set()


def test_a_pair_without_a_way_is_refused() -> None:
    with pytest.raises(RulesError, match="no way leads"):
        together(chain((0, 1), (1, 2), (3, 4), (4, 5)), NO_GROUP, np.array([[0, 5]]))


def test_village_groups_are_one_unit_each_and_no_group_is_none() -> None:
    group = np.array([7, 7, NONE, NONE, 9, 9])
    assert sets(together(chain(), group, NO_PAIR)) == {frozenset({0, 1}), frozenset({4, 5})}


def test_a_village_group_in_several_places_is_linked_by_nearest_units_without_a_border() -> None:
    group = np.array([7, NONE, 7, NONE, NONE, 7])
    linked = with_whole_groups(chain(), XY, group)
    assert sets(together(linked, group, NO_PAIR)) == {frozenset({0, 2, 5})}
    border = {
        (int(u), int(v)): length for u, v, length in zip(linked.heads(), linked.indices, linked.border_m, strict=True)
    }
    assert (border[0, 2], border[2, 5], border[0, 1]) == (0.0, 0.0, 50.0)
    assert (0, 5) not in border


def test_without_groups_the_graph_stays_as_it_is() -> None:
    linked = with_whole_groups(chain(), XY, NO_GROUP)
    assert (linked.indices.tolist(), linked.border_m.tolist(), linked.open_m.tolist()) == (
        chain().indices.tolist(),
        chain().border_m.tolist(),
        chain().open_m.tolist(),
    )
