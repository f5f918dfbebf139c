"""Addresses located by the ranges of numbers of their streets: on the right side, sure only where the grid is."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridplan.errors import LocateError
from gridplan.locate import PointIndex
from gridplan.locate.streets import COLUMNS, StreetRanges

CRS = "EPSG:32619"


@pytest.fixture(scope="module")
def ranges() -> StreetRanges:
    """
    Return Main Street, two blocks of 100 m eastward, odd numbers on the left (north); grids by side and block::

        nw | ne        1-19, 21-39
        ---+--- street
        sw | se        2-20, 22-40
    """
    corners = {"nw": (0, 0), "ne": (100, 0), "sw": (0, -60), "se": (100, -60)}
    squares = [shapely.box(x, y, x + 100, y + 60) for x, y in corners.values()]
    grids = gpd.GeoDataFrame({"grid_code": list(corners)}, geometry=squares, crs=CRS)
    lines = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(200, 0), (100, 0)])]
    streets = gpd.GeoDataFrame(
        {
            "street": ["Main St", "Main St"],
            # The second block is drawn westward: its left is the south, its numbers fall.
            "left_from": [1, 40],
            "left_to": [19, 22],
            "right_from": [2, 39],
            "right_to": [20, 21],
        },
        geometry=lines,
        crs=CRS,
    )
    return StreetRanges(streets, PointIndex.from_plan(grids))


@pytest.mark.parametrize(
    ("query", "grid"),
    [("9 Main Street", "nw"), ("10 main st", "sw"), ("31 Main St #2", "ne"), ("30-32 Main St", "se")],
)
def test_a_number_lies_on_its_side_of_its_block(ranges: StreetRanges, query: str, grid: str) -> None:
    found = ranges.match(query)
    assert (found.grid_code, found.accepted, found.grid_certain, found.level) == (grid, True, True, "road")


def test_numbers_across_two_grids_are_unsure(ranges: StreetRanges) -> None:
    found = ranges.match("9-31 Main St")
    assert (found.accepted, found.grid_code, found.status) == (False, None, "ambiguous")
    assert {each.grid_code for each in found.candidates} <= {"nw", "ne", None}


@pytest.mark.parametrize("query", ["77 Main St", "9 Other St", "Main St", ""])
def test_what_no_range_holds_is_not_placed(ranges: StreetRanges, query: str) -> None:
    found = ranges.match(query)
    assert not found.accepted
    assert found.grid_code is None


def test_missing_columns_and_crs_are_said(ranges: StreetRanges) -> None:
    bare = gpd.GeoDataFrame({"street": ["A"]}, geometry=[shapely.LineString([(0, 0), (1, 1)])])
    with pytest.raises(LocateError, match="left_from"):
        StreetRanges(bare, ranges.index)
    with pytest.raises(LocateError, match="CRS"):
        StreetRanges(bare.assign(left_from=1, left_to=3, right_from=2, right_to=4), ranges.index)


@pytest.mark.real
def test_cambridge_addresses_fall_beside_their_lots(real_data: Path) -> None:
    """Ranges alone put 19 of 20 addresses within 60 m of their lots; the table of lots does better."""
    names = ("Street", "L_From", "L_To", "R_From", "R_To")
    streets = gpd.read_parquet(real_data / "cambridge" / "streets.parquet")
    streets = streets.rename(columns=dict(zip(names, COLUMNS, strict=True)))
    lots = gpd.read_parquet(real_data / "cambridge" / "parcels_units.parquet").to_crs(CRS).dropna(subset=["address"])
    city = shapely.box(*lots.total_bounds).buffer(500)
    index = PointIndex.from_plan(gpd.GeoDataFrame({"grid_code": ["city"]}, geometry=[city], crs=CRS))
    ranges = StreetRanges(streets, index)
    some = lots.iloc[::13]
    found = [ranges.match(address) for address in some["address"]]
    placed = np.array([each.accepted for each in found])
    lon, lat = (np.array([getattr(each, axis) for each in found], dtype=float)[placed] for axis in ("lon", "lat"))
    x, y = index.way().many(lon, lat)
    metres = shapely.distance(shapely.points(x, y), some.geometry.to_numpy()[placed])
    assert placed.mean() >= 0.95
    assert (metres < 60).mean() >= 0.95
