"""Ground without households that fixed areas shut in: to the exclusive area; to a lock only as a sliver."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import box, ground_of, house, line

from gridplan.pockets import with_pockets
from gridplan.site import NONE, FixedArea

COMMUNITY = box(0, 0, 200, 100)
HOUSE = [house(50, 50)]


def area(west: float, south: float, east: float, north: float, *, locked: bool) -> FixedArea:
    return FixedArea(box(west, south, east, north), "basic", "", "L" if locked else None)


def pocket_of(areas: tuple[FixedArea, ...], households: int = 300, shut: tuple[float, float] = (195, 50)) -> int:
    """Return the fixed area that the unit at the place belongs to in the end."""
    ground = ground_of(HOUSE, COMMUNITY, fixed=areas)
    held = np.zeros(ground.n_units, dtype=np.int64)
    held[ground.unit_of_generator[0]] = households
    fixed = with_pockets(ground, held, areas)
    nearest = int(np.hypot(*(ground.xy - [500_000 + shut[0], 5_280_000 + shut[1]]).T).argmin())
    return int(fixed[nearest])


def test_a_pocket_behind_an_exclusive_area_joins_it() -> None:
    assert pocket_of((area(100, 0, 190, 100, locked=False),)) == 0


def test_a_pocket_behind_a_lock_stays_free() -> None:
    assert pocket_of((area(100, 0, 190, 100, locked=True),)) == NONE


def test_a_sliver_behind_a_lock_joins_it() -> None:
    lock = area(100, 0, 199.95, 100, locked=True)
    assert pocket_of((lock,), shut=(199.98, 50)) == 0


def test_between_a_lock_and_an_exclusive_area_the_exclusive_one_takes_it() -> None:
    """The lock has the longer border with the pocket, but it stays as it is."""
    areas = (area(100, 0, 180, 100, locked=True), area(180, 0, 200, 40, locked=False))
    assert pocket_of(areas, shut=(190, 70)) == 1


def test_of_two_exclusive_areas_the_longer_border_decides() -> None:
    areas = (area(100, 0, 150, 100, locked=False), area(150, 0, 200, 60, locked=False))
    assert pocket_of(areas, shut=(175, 80)) == 1


def test_inhabited_ground_is_no_pocket() -> None:
    assert pocket_of((area(100, 0, 190, 100, locked=False),), shut=(20, 50)) == NONE


def test_where_nobody_lives_the_rest_of_the_community_is_no_pocket() -> None:
    assert pocket_of((area(100, 0, 190, 100, locked=False),), households=0) == NONE


@pytest.mark.parametrize("areas", [(), (area(500, 0, 600, 100, locked=True),)], ids=["none", "elsewhere"])
def test_without_fixed_ground_all_is_free(areas: tuple[FixedArea, ...]) -> None:
    ground = ground_of(HOUSE, COMMUNITY, [("wall", line((100, -9), (100, 109)))], fixed=areas)
    assert (with_pockets(ground, np.full(ground.n_units, 9), areas) == NONE).all()
