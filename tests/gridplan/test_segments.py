"""Segments shared by two faces, found without geometry predicates: the answers are those of an overlay."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from drawn import box
from hypothesis import given
from hypothesis import strategies as st

from gridplan.segments import shared_segments


def test_two_squares_share_one_edge_and_its_middle() -> None:
    segments = shared_segments(np.array([box(0, 0, 10, 10), box(10, 0, 20, 10)]))
    assert (segments.first.tolist(), segments.second.tolist(), segments.length_m.tolist()) == ([0], [1], [10.0])
    assert segments.middle.tolist() == [list(box(10, 5, 10, 5).centroid.coords[0])]


def test_squares_that_meet_in_a_corner_share_nothing() -> None:
    assert len(shared_segments(np.array([box(0, 0, 10, 10), box(10, 10, 20, 20)])).first) == 0


def test_a_face_around_another_shares_its_whole_ring() -> None:
    yard = box(3, 3, 7, 7)
    segments = shared_segments(np.array([box(0, 0, 10, 10) - yard, yard]))
    assert segments.length_m.sum() == pytest.approx(16)


def test_zero_and_minus_zero_are_one_coordinate() -> None:
    left = shapely.Polygon([(-1, 0.0), (-0.0, 0.0), (-0.0, 1), (-1, 1)])
    right = shapely.Polygon([(0.0, -0.0), (1, 0), (1, 1), (0.0, 1)])
    assert shared_segments(np.array([left, right])).length_m.tolist() == [1.0]


@given(st.integers(0, 2**32 - 1))
def test_as_an_overlay_says(seed: int) -> None:
    """Random triangles of a triangulation, hence a coverage."""
    rng = np.random.default_rng(seed)
    cloud = shapely.multipoints(rng.uniform(0, 1000, (12, 2)))
    faces = shapely.get_parts(shapely.delaunay_triangles(cloud))
    segments = shared_segments(faces)
    found = {
        (int(one), int(two)): length
        for one, two, length in zip(segments.first, segments.second, segments.length_m, strict=True)
    }
    overlay = {
        (i, j): shapely.intersection(faces[i], faces[j]).length
        for i, j in combinations(range(len(faces)), 2)
        if shapely.relate_pattern(faces[i], faces[j], "****1****")
    }
    assert {tuple(sorted(pair)) for pair in found} == set(overlay)
    assert sum(found.values()) == pytest.approx(sum(overlay.values()))
