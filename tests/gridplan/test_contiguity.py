"""From borders to the graph: what walls part, what bridges join, ground cut off, exclaves linked or left alone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from drawn import box, ground_of, house, houses, line, point
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.contiguity import Contiguity, build_contiguity
from gridplan.ground import Ground
from gridplan.partition.initial import components
from gridplan.rules import Band

BAND = Band(300, 400, 500)
PAIR = [house(50, 50), house(150, 50)]
STRIP = box(0, 0, 200, 100)


def contiguity_of(ground: Ground, households: list[int], band: Band | None = BAND) -> Contiguity:
    """Return the contiguity of all units; households by generator."""
    held = np.zeros(ground.n_units, dtype=np.int64)
    np.add.at(held, ground.unit_of_generator, households)
    return build_contiguity(ground, np.arange(ground.n_units), held, band)


def edges(contiguity: Contiguity) -> set[tuple[int, int]]:
    graph = contiguity.graph
    return {(int(one), int(two)) for one, two in zip(graph.heads(), graph.indices, strict=True) if one < two}


def n_parts(contiguity: Contiguity) -> int:
    return int(components(contiguity.graph)[0])


def test_a_lattice_is_contiguous_by_edges_not_by_corners() -> None:
    """Units are numbered by column: 0 1 2 the western column from south to north."""
    made = contiguity_of(ground_of(houses(3, 3), box(0, 0, 300, 300)), [100] * 9)
    assert edges(made) == {(u, u + 1) for u in (0, 1, 3, 4, 6, 7)} | {(u, u + 3) for u in range(6)}


@pytest.mark.parametrize(
    ("barriers", "parts"),
    [
        ([("railway", line((100, -9), (100, 109)))], 2),
        ([("railway", line((100, -9), (100, 109))), ("bridge", line((90, 50), (110, 50)))], 1),
        ([("primary", line((100, -9), (100, 109)))], 1),
        ([("railway", line((100, -9), (100, 90)))], 1),
        ([("river", box(95, -9, 105, 109))], 2),
        ([("river", box(95, -9, 105, 109)), ("bridge", line((90, 50), (110, 50)))], 1),
    ],
    ids=["wall", "bridged wall", "street", "gap in the wall", "river", "bridged river"],
)
def test_impassable_lines_part_and_bridges_join(barriers: list[tuple[str, shapely.Geometry]], parts: int) -> None:
    assert n_parts(contiguity_of(ground_of(PAIR, STRIP, barriers), [300, 300])) == parts


def test_a_river_without_households_joins_the_longer_bank_and_is_no_crossing() -> None:
    """A pond in the river's bend lengthens its eastern bank; the banks stay apart."""
    river = shapely.union_all([box(95, -9, 105, 109), box(105, 40, 115, 60)])
    ground = ground_of(PAIR, STRIP, [("river", river)])
    made = contiguity_of(ground, [300, 300])
    water = int(np.setdiff1d(np.arange(3), ground.unit_of_generator)[0])
    east = int(ground.unit_of_generator[1])
    assert edges(made) == {tuple(sorted((water, east)))}
    assert len(np.unique(made.part_of)) == 3, "without the link the water is a part of its own"


def test_an_island_behind_an_empty_one_reaches_the_bank() -> None:
    """Two empty strips between walls, one behind the other: both end up with households, none alone."""
    walls = [("railway", line((x, -9), (x, 109))) for x in (100, 130, 160)]
    ground = ground_of([house(50, 50)], STRIP, walls)
    assert ground.n_units == 4
    assert n_parts(contiguity_of(ground, [300])) == 1


def test_ground_without_any_household_hangs_together() -> None:
    ground = ground_of(PAIR, STRIP, [("railway", line((100, -9), (100, 109)))])
    assert n_parts(contiguity_of(ground, [0, 0])) == 1


@pytest.mark.parametrize(("households", "band", "parts"), [(300, BAND, 2), (200, BAND, 1), (0, BAND, 1), (9, None, 2)])
def test_an_exclave_stands_alone_where_it_fits_the_band_and_is_linked_to_the_nearest_where_not(
    households: int, band: Band | None, parts: int
) -> None:
    """The exclave lies 300 m east of three houses in a row; it is linked to the easternmost."""
    community = shapely.MultiPolygon([box(0, 0, 300, 100), box(600, 0, 700, 100)])
    ground = ground_of([*houses(3, 1), house(650, 50)], community)
    made = contiguity_of(ground, [100, 100, 100, households], band)
    assert n_parts(made) == parts
    exclave, nearest = (int(ground.unit_of_generator[row]) for row in (3, 2))
    assert ((nearest, exclave) in edges(made)) == (parts == 1)
    assert made.part_of[exclave] != made.part_of[nearest], "a link is no ground"


def test_a_part_behind_a_wall_is_never_linked() -> None:
    """Too few households beyond the railway: that is for the violations to say, not for a crossing to mend."""
    ground = ground_of(PAIR, STRIP, [("railway", line((100, -9), (100, 109)))])
    assert n_parts(contiguity_of(ground, [300, 10])) == 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_graph_is_symmetric_and_leaves_no_empty_part_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["river", "railway", "primary"], 5)
    ways = [(str(kind), line(*map(tuple, rng.uniform(-60, 360, (3, 2))))) for kind in kinds]
    ground = ground_of([point(*place) for place in rng.uniform(5, 295, (20, 2))], box(0, 0, 300, 300), ways)
    households = rng.integers(0, 3, 20)
    made = contiguity_of(ground, households.tolist())
    graph = made.graph
    there = set(zip(graph.heads().tolist(), graph.indices.tolist(), graph.border_m, graph.open_m, strict=True))
    assert there == {(two, one, length, opened) for one, two, length, opened in there}
    assert all(one != two and 0 <= opened <= length for one, two, length, opened in there)
    _, part = components(graph)
    assert set(part[ground.unit_of_generator[households > 0]]) == set(part)
