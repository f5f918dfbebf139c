"""Most of a thing decides who owns it: footprints by area, points by place, ties by the lower row."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from drawn import box, point

from gridplan.uniting.department import make_department
from gridplan.uniting.owners import shares_of


def test_the_larger_share_owns_and_ties_go_to_the_lower_row() -> None:
    grids = np.array([box(0, 0, 100, 100), box(100, 0, 200, 100), box(150, 0, 300, 100)])
    items = np.array(
        [
            box(90, 0, 120, 10),  # a third in 0, two thirds in 1
            box(90, 0, 110, 10),  # half and half
            box(160, 0, 180, 10),  # wholly in 1 and in 2
            box(290, 0, 330, 10),  # a quarter in 2, the rest in none
            box(400, 0, 410, 10),
            point(100, 50),  # on the border of 0 and 1
        ]
    )
    shares = shares_of(items, grids)
    assert shares.owners(len(items)).tolist() == [1, 0, 1, 2, -1, 0]
    assert shares.share[shares.item == 0] == pytest.approx([2 / 3, 1 / 3], abs=1e-6)


def test_touching_is_not_owning() -> None:
    found = shares_of(np.array([box(100, 0, 120, 10)]), np.array([box(0, 0, 100, 100)]))
    assert found.owners(1).tolist() == [-1]


def test_a_layer_as_it_comes_is_named_and_mended_by_no_guess() -> None:
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    rows = np.array([box(0, 0, 1, 1), box(1, 0, 2, 1), None, bow_tie, box(2, 0, 3, 1), point(0, 0)], dtype=object)
    made = make_department("公安", ["A", "A", "B", "C", " ", "D"], rows)
    assert made.codes == ("A#1", "A#2", "C", "#5")
    assert made.repeated == ("A",)
    assert made.missing == ("#5",)
    assert made.mended == ("C",)
    assert made.dropped == ("row 3", "row 6")
    assert shapely.is_valid(made.polygons).all()
    assert made.polygons[2].area == pytest.approx(50.0)
