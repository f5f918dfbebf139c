"""``gridplan check``: exit codes, text in two languages, JSON with every field, and the source it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import typer
from typer.testing import CliRunner

from gridplan.cli.check import check
from gridplan.sources import read_source
from gridplan.sources.gdal import write_geopackage

app = typer.Typer()
app.command()(check)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a square community of 100 m with one building inside and one of 7 households 50 m outside."""
    square = gpd.GeoDataFrame(
        {"community_code": ["110101001001"]}, geometry=[shapely.box(500_000, 2_500_000, 500_100, 2_500_100)], crs=4549
    )
    places = [shapely.Point(500_050, 2_500_050), shapely.Point(500_150, 2_500_050)]
    houses = gpd.GeoDataFrame({"building_id": ["in", "out"], "households": [5, 7]}, geometry=places, crs=4549)
    path = tmp_path / "source.gpkg"
    write_geopackage(path, {"communities": square, "buildings": houses})
    return path


def test_bad_source_exits_with_2_and_writes_nothing(source: Path, tmp_path: Path) -> None:
    result = run(source, "--write-source", tmp_path / "out.gpkg")
    assert result.exit_code == 2
    assert "buildings-outside" in result.output
    assert "7 households" in result.output
    assert not (tmp_path / "out.gpkg").exists()


def test_accepted_fault_exits_with_0_and_the_source_is_written(source: Path, tmp_path: Path) -> None:
    result = run(source, "--accept", "buildings-outside", "--write-source", tmp_path / "out.gpkg")
    assert result.exit_code == 0, result.output
    assert "can be planned: 5 households" in result.output
    assert read_source(tmp_path / "out.gpkg").buildings["building_id"].tolist() == ["in"]


def test_json_has_every_field_and_speaks_chinese(source: Path) -> None:
    result = run(source, "--json", "--lang", "zh")
    report = json.loads(result.output)
    assert result.exit_code == 2
    assert (report["ok"], report["rows"]) == (False, {"communities": 1, "buildings": 2})
    (fault,) = [each for each in report["faults"] if each["code"] == "buildings-outside"]
    assert (fault["layer"], fault["column"], fault["rows"], fault["count"]) == ("buildings", "geometry", ["out"], 1)
    assert fault["acceptable"]
    assert "7 户" in fault["found"]


def test_missing_source_is_bad_input(tmp_path: Path) -> None:
    result = run(tmp_path / "none.gpkg")
    assert result.exit_code == 2
    assert "no such file" in result.output


def test_folder_that_does_not_exist_is_said_without_a_traceback(source: Path, tmp_path: Path) -> None:
    result = run(source, "--accept", "buildings-outside", "--write-source", tmp_path / "none" / "out.gpkg")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
