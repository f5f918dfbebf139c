"""Districts as they arrive: dirt in every layer is refused with its reason, or planned so that every word is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from planchecker import check_plan

from gridplan.output import write_plan
from gridplan.plan import build_plan
from gridplan.rules import rules_from
from gridplan.sources import Report, check_source, write_source

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_450_000.0
FIRST, SECOND = "310101001001", "310101001002"
LOT_M = 50.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box in metres from the district's south-west corner."""
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def layer(shapes: Sequence[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


@pytest.fixture
def layers() -> dict[str, gpd.GeoDataFrame]:
    """
    Two communities of 6 by 6 lots of 50 m, a house of 30 households on each::

        +-------+-------+ 300
        | FIRST |SECOND |
        +-------+-------+ 0
        0      300     600
    """
    lots = [(x * LOT_M, y * LOT_M) for x in range(12) for y in range(6)]
    homes = [box(x + 15, y + 15, x + 35, y + 35) for x, y in lots]
    ids = [f"{number:03d}" for number in range(len(homes))]
    return {
        "communities": layer([box(0, 0, 300, 300), box(300, 0, 600, 300)], community_code=[FIRST, SECOND]),
        "buildings": layer(homes, building_id=ids, households=[30] * len(homes)),
    }


def written(folder: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> Path:
    path = folder / "source.gpkg"
    for name, frame in layers.items():
        frame.to_file(path, layer=name, driver="GPKG")
    return path


def planned(source: Path) -> pd.DataFrame:
    """Plan a source, have the plan checked by the two files alone, and return its violations."""
    district = check_source(source).district
    assert district is not None
    clean, output = source.with_name("clean.gpkg"), source.with_name("plan.gpkg")
    write_source(district, clean)
    write_plan(build_plan(district, rules_from(district.rules), effort="quick"), output)
    assert check_plan(clean, output) == []
    return pd.DataFrame(pyogrio.read_dataframe(output, layer="violations", read_geometry=False))


def codes(report: Report) -> dict[str, str]:
    """Return the faults' severities by code."""
    return {fault.code: fault.severity for fault in report.faults}


def test_a_compound_that_a_river_cuts_is_listed_although_its_name_is_used_in_another_community(
    tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    """Both communities have a 和平里 of 12 houses, 720 households together, across a river at y = 150."""
    middle = layers["buildings"].centroid
    layers["buildings"]["compound_id"] = ["和平里" if (x - EAST) % 300 < 100 else None for x in middle.x]
    layers["barriers"] = layer([line((-5, 150), (605, 150))], kind=["River"])
    found = planned(written(tmp_path, layers))
    split = found[found["rule"] == "compound"]
    assert set(split["reason"]) == {"forced_split"}
    assert set(split["proven"]) == {1}
    assert split["grid_code"].str[:12].value_counts().to_dict() == {FIRST: 2, SECOND: 2}


def test_exclusive_areas_that_overlap_each_other_are_planned_and_reported(
    tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    areas = [box(100, 100, 200, 200), box(150, 150, 340, 250), box(500, 50, 550, 100), box(500, 50, 550, 100)]
    layers["exclusive"] = layer(areas, name=["医院", "市场", "学校", "学校分部"])
    source = written(tmp_path, layers)
    planned(source)
    assert codes(check_source(source))["exclusive-overlap"] == "warning"


def test_kinds_of_barrier_are_known_in_any_case_and_unknown_ones_are_said(
    tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    walls = [line((x, -5), (x, 305)) for x in (100, 200, 400, 500)]
    kinds = ["Railway", "河流", "RIVER", "城墙"]
    layers["barriers"] = layer(walls, kind=kinds, passable=[None, None, "1", "0"])
    report = check_source(written(tmp_path, layers))
    assert report.district is not None
    barriers = report.district.barriers
    assert barriers is not None
    assert dict(zip(barriers["kind"], barriers["passable"], strict=True)) == {
        "railway": False,
        "河流": True,
        "river": True,
        "城墙": False,
    }
    (said,) = [fault for fault in report.faults if fault.code == "unknown-barrier-kind"]
    assert (said.count, said.params["value"]) == (1, "河流")


def test_a_sum_among_the_households_is_warned_of(tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    layers["buildings"].loc[5, "households"] = 1_000_000
    (said,) = [f for f in check_source(written(tmp_path, layers)).faults if f.code == "implausible-households"]
    assert (said.severity, said.rows) == ("warning", ("005",))


def test_village_groups_are_never_cut_and_an_empty_village_is_named(
    tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    """FIRST has a group on its first and last column of houses and none between; in SECOND nobody lives."""
    column = ((layers["buildings"].centroid.x - EAST) // LOT_M).astype(int)
    layers["communities"]["area_kind"] = "rural"
    layers["buildings"]["village_group"] = column.map({0: "一组", 5: "一组", 2: "二组", 3: "三组"})
    layers["buildings"].loc[column >= 6, "households"] = 0
    found = planned(written(tmp_path, layers))
    named = found[["rule", "reason", "proven"]].itertuples(index=False, name=None)
    assert sorted(named) == [("band", "no_households", 1), ("connected", "scattered_group", 1)]


def test_the_names_of_a_ledgers_columns_are_found_below_its_title(
    tmp_path: Path, layers: dict[str, gpd.GeoDataFrame]
) -> None:
    """A title over all columns, merged headings, the names (one comes again), and a row of blanks at the end."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某街道住户台账"])
    sheet.merge_cells("A1:D1")
    sheet.append(["住户", None, "位置"])
    sheet.append(["编号", "户数", "东", "北", "户数 "])
    for home in layers["buildings"].itertuples():
        middle = home.geometry.centroid
        sheet.append([home.building_id, home.households, middle.x, middle.y])
    sheet.append([None, None, None, " "])
    book.save(tmp_path / "ledger.xlsx")
    layers["communities"].to_file(tmp_path / "communities.gpkg")
    source = tmp_path / "ledger.toml"
    source.write_text(
        f'source.crs = "{CRS}"\n[layers]\ncommunities.path = "communities.gpkg"\nbuildings.path = "ledger.xlsx"\n'
        'buildings.columns = { building_id = "编号", households = "户数", lon = "东", lat = "北" }\n',
        encoding="utf-8",
    )
    report = check_source(source)
    assert codes(report).items() >= {"header-below-title": "note", "column-twice": "warning"}.items()
    assert report.district is not None, report.errors
    assert report.district.buildings["households"].sum() == 72 * 30
