"""``gridplan revise``: what fits stays, one year's plan is the next one's source, bad input changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.gdal import write_geopackage

CRS = "EPSG:4549"
HOME = "230718001001"
PLAN = """
[layers.communities]
path = "{year}.source.gpkg"
[layers.buildings]
path = "{year}.source.gpkg"
"""
GRIDS = '[layers.grids]\npath = "{last}.gpkg"\nlayer = "grids"\n'


def square(column: int, count: int = 1) -> shapely.Polygon:
    return shapely.box(500_000 + 100 * column, 2_500_000, 500_000 + 100 * (column + count), 2_500_100)


def source(folder: Path, year: str, households: list[int], last: str | None = None) -> Path:
    """Write a row of houses, and a TOML file that takes today's grids from last year's plan."""
    ground = gpd.GeoDataFrame({"community_code": [HOME]}, geometry=[square(0, len(households))], crs=CRS)
    places = [square(column).centroid for column in range(len(households))]
    columns = {"building_id": [f"b{n}" for n in range(len(households))], "households": households}
    built = gpd.GeoDataFrame(columns, geometry=places, crs=CRS)
    write_geopackage(folder / f"{year}.source.gpkg", {"communities": ground, "buildings": built})
    path = folder / f"{year}.toml"
    path.write_text(PLAN.format(year=year) + (GRIDS.format(last=last) if last else ""), encoding="utf-8")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [*map(str, arguments)])


def codes(path: Path) -> dict[str, int]:
    grids = gpd.read_file(path, layer="grids")
    return {str(code)[-3:]: int(count) for code, count in zip(grids["grid_code"], grids["households"], strict=True)}


def test_years_of_plans_keep_what_fits_and_bring_no_code_back(tmp_path: Path) -> None:
    """Three grids; the last is merged away, then another grows: its half is 004, though 002 is the highest there is."""
    first = run("plan", source(tmp_path, "1", [200] * 6), "-o", tmp_path / "1.gpkg")
    assert first.exit_code == 0, first.output
    assert codes(tmp_path / "1.gpkg") == {"001": 400, "002": 400, "003": 400}
    shrunk = source(tmp_path, "2", [200, 200, 200, 200, 40, 40], last="1")
    assert run("revise", shrunk, "-o", tmp_path / "2.gpkg").exit_code == 0
    assert codes(tmp_path / "2.gpkg") == {"001": 400, "002": 480}
    grown = source(tmp_path, "3", [310, 310, 200, 200, 40, 40], last="2")
    third = run("revise", grown, "-o", tmp_path / "3.gpkg", "--strict")
    assert third.exit_code == 0, third.output
    found = codes(tmp_path / "3.gpkg")
    assert found["002"] == 480
    assert set(found) <= {"001", "002", "004", "005"}
    assert "004" in found


def test_a_number_of_grids_that_is_set_is_made_of_todays(tmp_path: Path) -> None:
    run("plan", source(tmp_path, "1", [200] * 6), "-o", tmp_path / "1.gpkg")
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[n_grids]\n"{HOME}" = 4\n', encoding="utf-8")
    later = source(tmp_path, "2", [200, 200, 200, 200, 310, 310], last="1")
    result = run("revise", later, "-o", tmp_path / "2.gpkg", "--rules", rules)
    assert result.exit_code == 0, result.output
    found = codes(tmp_path / "2.gpkg")
    assert (len(found), found["001"], found["002"]) == (4, 400, 400)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mode", "loose"), "loose"),
        (("--budget", "101"), "--budget"),
        (("--rules", "missing.toml"), "missing.toml"),
    ],
)
def test_bad_options_are_named_and_nothing_is_written(tmp_path: Path, options: tuple[str, str], words: str) -> None:
    run("plan", source(tmp_path, "1", [200] * 4), "-o", tmp_path / "1.gpkg")
    result = run("revise", source(tmp_path, "2", [200] * 4, last="1"), "-o", tmp_path / "2.gpkg", *options)
    assert result.exit_code == 2
    assert words in result.output
    assert not list(tmp_path.glob("2.gpkg*"))


def test_without_grids_of_today_there_is_nothing_to_revise(tmp_path: Path) -> None:
    result = run("revise", source(tmp_path, "1", [200] * 4), "-o", tmp_path / "1.gpkg")
    assert result.exit_code == 2
    assert "nothing to revise" in result.output
    assert not (tmp_path / "1.gpkg").exists()


def test_a_grid_below_the_band_is_filled_up_with_one_house(tmp_path: Path) -> None:
    """The second grid has 280 of 300; of the first's houses the one beside it has 80, and the first can spare them."""
    run("plan", source(tmp_path, "1", [80] * 8), "-o", tmp_path / "1.gpkg")
    later = source(tmp_path, "2", [120, 100, 100, 80, 80, 80, 60, 60], last="1")
    assert run("revise", later, "-o", tmp_path / "2.gpkg").exit_code == 0
    report = json.loads((tmp_path / "2.report.json").read_text(encoding="utf-8"))
    assert codes(tmp_path / "2.gpkg") == {"001": 320, "002": 360}
    assert (report["measures"]["households_moved"], report["measures"]["in_band"]) == (80, 1.0)
