"""The checker finds nothing in a sound plan, and each promise that is broken on purpose."""

from pathlib import Path

import pandas as pd
import pytest
import shapely
from breaking import (
    Break,
    across_river,
    add_violation,
    corner_grid,
    drop,
    float_ids,
    join,
    measured,
    move,
    overlapping,
    put,
    recode,
    recount,
    remap,
    reshape,
    source_rows,
    to_crs,
    together,
    widen_hole,
    without_bridge,
)
from handmade import CODE, EAST, NORTH, SIDE, Files, code, frame, make_files, square
from planchecker import check_plan


def _faults(files: Files, folder: Path) -> list[str]:
    return check_plan(*files.write(folder))


LAYOUT = {
    "layer missing": (lambda files: files.plan.pop("lineage"), "layer lineage is missing"),
    "column missing": (lambda files: files.plan["grids"].pop("work_min"), "grids.work_min is missing"),
    "code as a number": (float_ids, "grids.grid_code is REAL"),
    "households as a fraction": (remap("units", "households", float), "units.households is REAL"),
    "Web Mercator": (to_crs("EPSG:3857"), "expected a projected CRS"),
    "degrees": (to_crs("EPSG:4490"), "expected a projected CRS"),
}
ACCOUNTS = {
    "building lost": (drop("units", "unit_id", "A11"), "buildings in no grid"),
    "building invented": (put("units", "building_id", "Z9", unit_id="C00"), "buildings that the source lacks"),
    "building twice": (put("units", "building_id", "A00", unit_id="C00"), "buildings with several rows"),
    "unit in no grid": (put("units", "grid_code", "nowhere", unit_id="A11"), "units in grids that do not exist"),
    "unit torn": (put("units", "unit_id", "A10", unit_id="A20"), "units in several grids"),
    "two cells in a unit": (put("units", "unit_id", "A10", unit_id="A11"), "units without exactly one cell"),
    "households on ground": (put("units", "households", 5, unit_id="C00"), "ground without a building has households"),
    "households changed": (put("units", "households", 90, unit_id="A10"), "buildings whose households differ"),
    "grid's households": (put("grids", "households", 301, grid_code=code("A001")), "grids.households differs"),
    "total": (put("grids", "households", 301, grid_code=code("A001")), "the plan has"),
    "grid's units": (put("grids", "units", 4, grid_code=code("A001")), "grids.units differs"),
    "grid's work": (put("grids", "work_min", 1, grid_code=code("A001")), "grids.work_min differs"),
    "grid's persons": (put("grids", "persons", 1, grid_code=code("A001")), "grids.persons differs"),
    "area": (put("grids", "area_m2", 30001.0, grid_code=code("A001")), "grids.area_m2 differs"),
    "area null": (put("grids", "area_m2", None, grid_code=code("A001")), "grids.area_m2 differs"),
    "compactness": (put("grids", "compactness", 0.6, grid_code=code("A001")), "grids.compactness differs"),
    "kind": (put("grids", "kind", "area", grid_code=code("A001")), "kinds that no contract names"),
    "name": (put("grids", "name", None, grid_code=code("A001")), "without a name"),
    "compound split": (move("A40", "A008"), "compound K of at most 500 households is split"),
    "compound falsely listed": (
        add_violation("compound", "A001", "forced_split"),
        "listed for a split compound have none",
    ),
    "compound's reason": (
        together(move("A40", "A008"), add_violation("compound", "A008", "no_households")),
        "split compounds with another reason",
    ),
}
GROUND = {
    "grid is a line": (
        reshape("grids", "grid_code", code("A001"), shapely.boundary),
        "grids that are no valid polygon",
    ),
    "grid of no community": (
        put("grids", "community_code", "1", grid_code=code("A001")),
        "communities that do not exist",
    ),
    "hole inside": (widen_hole, "leave gaps of"),
    "ground given away": (
        reshape("grids", "grid_code", code("A001"), lambda shape: shapely.difference(shape, square(1, 0, 1, 0.01))),
        "uncovered",
    ),
    "spill": (
        reshape("grids", "grid_code", code("E001"), lambda shape: shapely.union(shape, square(9, 5, 1, 0.1))),
        "spill",
    ),
    "overlap": (overlapping, "grids overlap"),
    "cells overlap": (
        reshape("units", "unit_id", "A10", lambda shape: shapely.union(shape, square(2, 0, 0.1))),
        "cells overlap",
    ),
    "grid is not its cells": (overlapping, "not the union of their cells"),
    "building in another's cell": (
        together(put("units", "building_id", "A11", unit_id="A10"), put("units", "building_id", "A10", unit_id="A11")),
        "m from their cell",
    ),
    "building of another community": (
        together(put("units", "building_id", "E00", unit_id="A11"), put("units", "building_id", "A11", unit_id="E00")),
        "grid of another community",
    ),
    "lock moved": (move("A02", "A001"), "has changed by"),
    "lock lost": (put("grids", "locked", 0, grid_code=code("A007")), "is not in the plan as a locked grid"),
    "lock claimed": (put("grids", "locked", 1, grid_code=code("A001")), "locked grids that the source does not lock"),
    "exclusive area eaten": (move("A52", "A009"), "exclusive area School is no grid"),
    "exclusive claimed": (
        put("grids", "kind", "exclusive", grid_code=code("A009")),
        "exclusive grids that the source does not draw",
    ),
}
SIDES = {
    "detached": (together(move("A10", "A008"), move("A30", "A001")), "pieces and not listed"),
    "joined at a corner": (corner_grid, "pieces and not listed"),
    "false exclave": (
        together(move("A10", "A008"), add_violation("connected", "A008", "exclave")),
        "pieces though its community is not",
    ),
    "across the river": (without_bridge, "sides of an impassable barrier"),
    "across the river beside the bridge": (move("A22", "A001"), "sides of an impassable barrier"),
    "across the river and listed": (
        together(without_bridge, add_violation("barrier", "A001", "forced_split")),
        "sides of an impassable barrier",
    ),
    "barrier falsely listed": (add_violation("barrier", "A001", "forced_split"), "barrier that none crosses"),
}
BAND = {
    "silent": (drop("violations", "grid_code", code("B001")), "outside the band and not listed"),
    "listed within": (add_violation("band", "A001", "no_connected_cut"), "listed outside the band and within it"),
    "value": (put("violations", "value", 699, grid_code=code("B001")), "is listed with 699"),
    "limit": (put("violations", "limit", 300, grid_code=code("B001")), "against 300"),
    "no such grid": (
        put("violations", "grid_code", "1", grid_code=code("B001")),
        "violations of grids that do not exist",
    ),
    "unknown reason": (
        put("violations", "reason", "tired", grid_code=code("B001")),
        "a reason that no contract names",
    ),
    "proof of nothing": (
        together(join("A009", "A008"), add_violation("band", "A009", "search_gave_up", 600)),
        "a search that gave up proves nothing",
    ),
    "no cut where there is one": (
        together(join("A009", "A008"), add_violation("band", "A009", "no_connected_cut", 600)),
        "a plan within the band exists",
    ),
    "proven is two": (put("violations", "proven", 2, grid_code=code("B001")), "neither 0 nor 1"),
    "two excused by one total": (
        together(
            put("units", "grid_code", code("E002"), unit_id="E10"),
            lambda files: files.plan.update(
                grids=pd.concat(
                    [
                        files.plan["grids"],
                        files.plan["grids"].query("grid_code == @code('E001')").assign(grid_code=code("E002")),
                    ]
                )
            ),
            recount,
            put("violations", "value", 275, grid_code=code("E001")),
            put("violations", "limit", 300, grid_code=code("E001")),
            add_violation("band", "E002", "total_fits_no_number", 275, 300),
        ),
        "one total that fits no number excuses",
    ),
    **{
        f"{reason} of {short}": (
            put("violations", "reason", reason, grid_code=code(short)),
            f"reason {reason} is false",
        )
        for short, reason in (
            ("B002", "unit_over_maximum"),
            ("E001", "component_below_minimum"),
            ("B001", "total_fits_no_number"),
            ("B002", "locked_out_of_band"),
            ("B002", "cut_off_by_lock"),
            ("B002", "no_households"),
            ("B002", "exclave"),
            ("E001", "no_connected_cut"),
            ("E001", "search_gave_up"),
        )
    },
}
CODES = {
    "code repeats": (put("grids", "grid_code", code("D001"), grid_code=code("D002")), "grid_code is null or repeats"),
    "code of another community": (recode("D002", "C002"), "and 3 digits"),
    "code too long": (recode("D002", "D0002"), "and 3 digits"),
    "code skips": (recode("D002", "D003"), "do not count on from 001"),
    "code below the highest": (recode("A010", "A003"), "do not count on from 008"),
    "unknown change": (put("lineage", "change", "grew", new_code=code("A001")), "changes that no contract names"),
    "lineage to nowhere": (put("lineage", "new_code", "1", new_code=code("A001")), "lineage leads to grids"),
    "retired in use": (put("lineage", "change", "retired", old_code=code("A001")), "retired codes in use"),
    "same with another code": (put("lineage", "change", "changed", new_code=code("A008")), "another code the same"),
    "lineage sum": (put("lineage", "households", 299, new_code=code("E001")), "lineage does not add up"),
    "lineage from elsewhere": (
        put("lineage", "old_code", code("A007"), new_code=code("A001")),
        "lineage lacks households",
    ),
    "code kept by a minority": (
        source_rows("grids", "geometry", square(2, 0, 3, 3), "name", "A002"),
        "keeps its code with",
    ),
    "code lost": (recode("A001", "A011"), "has a new code though it holds"),
}
REPORT = {
    "no report": (lambda files: setattr(files, "report", None), "no .report.json"),
    "report without a seed": (lambda files: files.report.pop("seed"), "the report lacks seed"),
    **{
        f"report's {name}": (measured(name, value), f"the report's {name} is {value}")
        for name, value in (("households", 4101), ("in_band", 1.0), ("violations", 0), ("boundary_on_barriers", 0.9))
    },
}
BREAKS: dict[str, tuple[Break, str]] = LAYOUT | ACCOUNTS | GROUND | SIDES | BAND | CODES | REPORT


def test_a_sound_plan_breaks_no_promise(tmp_path: Path) -> None:
    assert _faults(make_files(), tmp_path) == []


@pytest.mark.parametrize("name", BREAKS)
def test_each_broken_promise_is_found(name: str, tmp_path: Path) -> None:
    files = make_files()
    change, expected = BREAKS[name]
    change(files)
    faults = _faults(files, tmp_path)
    assert any(expected in fault for fault in faults), faults


def test_a_bridge_lets_a_grid_cross(tmp_path: Path) -> None:
    files = make_files()
    across_river(files)
    assert not [fault for fault in _faults(files, tmp_path) if "impassable barrier" in fault]


def test_passable_overrides_the_kind(tmp_path: Path) -> None:
    files = make_files()
    without_bridge(files)
    files.source["barriers"]["passable"] = 1
    assert not [fault for fault in _faults(files, tmp_path) if "impassable barrier" in fault]


def test_contested_ground_may_go_to_either_community(tmp_path: Path) -> None:
    files = make_files()
    communities = files.source["communities"]
    communities.loc[communities["community_code"] == CODE["D"], "geometry"] = square(7, 4, 1.01, 1)
    assert _faults(files, tmp_path) == []


def test_a_file_that_is_no_plan(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.gpkg"
    assert check_plan(nothing, nothing) == ["plan file nothing.gpkg does not exist"]
    nothing.write_text("no plan")
    assert "is not a GeoPackage" in check_plan(nothing, nothing)[0]


def test_a_river_as_an_area_parts_too(tmp_path: Path) -> None:
    files = make_files()
    water = shapely.LineString([(EAST + 2 * SIDE, NORTH), (EAST + 2 * SIDE, NORTH + 3 * SIDE)]).buffer(5)
    files.source["barriers"] = frame([{"kind": "water", "geometry": water}])
    assert _faults(files, tmp_path) == []
    across_river(files)
    (tmp_path / "crossed").mkdir()
    assert any("impassable barrier" in fault for fault in _faults(files, tmp_path / "crossed"))
