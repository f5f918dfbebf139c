"""Lines with ranks, outlines of polygons, bridges apart, and what remains inside a community."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from drawn import METRIC, box, line, point

from gridplan.barriers import build_barriers
from gridplan.rules import BarrierRules


def frame(*rows: tuple[str, bool, shapely.Geometry]) -> gpd.GeoDataFrame:
    kinds, passable, geometry = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "passable": passable}, geometry=list(geometry), crs=METRIC)


def test_kinds_become_ranks_and_polygons_their_outlines() -> None:
    lake = box(0, 0, 10, 10) - box(4, 4, 6, 6)
    made = build_barriers(
        frame(
            ("water", False, lake),
            ("residential", True, shapely.union_all([line((20, 0), (20, 9)), line((30, 0), (30, 9))])),
            ("hedge", True, line((40, 0), (40, 9))),
        ),
        BarrierRules(ranks={"water": 1.0, "residential": 0.7}, default_rank=0.2),
    )
    assert made.rank.tolist() == [1.0, 1.0, 0.7, 0.7, 0.2]
    assert made.impassable.tolist() == [True, True, False, False, False]
    assert [shape.equals(lake) for shape in made.waters] == [True]
    assert shapely.length(made.lines).sum() == pytest.approx(40 + 8 + 9 * 3)


def test_bridges_are_no_lines_and_passable_water_is_no_water() -> None:
    made = build_barriers(
        frame(
            ("bridge", True, line((0, 0), (5, 0))),
            ("water", True, box(0, 0, 9, 9)),
            ("wall", False, box(1, 1, 2, 2)),
        ),
        BarrierRules(),
    )
    assert [bridge.length for bridge in made.bridges] == [5.0]
    assert made.impassable.tolist() == [False, True]
    assert [shape.area for shape in made.waters] == [1.0]


def test_clipped_keeps_inner_parts_with_their_own_rank() -> None:
    rows = [("primary", True, line((-50, y), (50, y))) for y in (5, 500)]
    comb = line((-5, 1), (5, 1), (5, 2), (-5, 2))  # enters twice
    touching = line((0, -10), (0, 0))  # meets the square in a point
    made = build_barriers(frame(*rows, ("railway", False, comb), ("wall", True, touching)), BarrierRules())
    inside = made.clipped(box(0, 0, 10, 10))
    assert sorted(zip(inside.rank, inside.impassable, shapely.length(inside.lines), strict=True)) == [
        (1.0, False, 10.0),
        (1.0, True, 11.0),
    ]


@pytest.mark.parametrize("given", [None, frame(("wall", True, point(0, 0))).iloc[:0]], ids=["absent", "empty"])
def test_a_district_without_barriers_has_none(given: gpd.GeoDataFrame | None) -> None:
    made = build_barriers(given, BarrierRules())
    assert len(made.lines) == len(made.bridges) == len(made.waters) == 0
    assert len(made.clipped(box(0, 0, 1, 1)).lines) == 0
