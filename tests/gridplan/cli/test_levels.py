"""``gridplan levels``, ``zones`` and ``sensitivity``: files, exit codes, messages; failure leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.gdal import write_geopackage

CRS = "EPSG:4549"
TOWN = "230718001"
SIDE = 100.0


def run(command: str, *arguments: object) -> Any:
    return CliRunner().invoke(app, [command, *map(str, arguments)])


def layers_of(path: Path) -> dict[str, Any]:
    return {name: pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)}


def square(x: int, y: int, width: int = 1, height: int = 1) -> shapely.Polygon:
    west, south = 500_000 + SIDE * x, 2_500_000 + SIDE * y
    return shapely.box(west, south, west + SIDE * width, south + SIDE * height)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write three communities of 4 by 3 houses in a row, 40 households and 100 persons a house."""
    ground = [square(4 * number, 0, 4, 3) for number in range(3)]
    codes = [f"{TOWN}{number:03d}" for number in (1, 2, 3)]
    spots = [square(x, y).centroid for x in range(12) for y in range(3)]
    layers = {
        "communities": gpd.GeoDataFrame({"community_code": codes, "name": list("甲乙丙")}, geometry=ground, crs=CRS),
        "buildings": gpd.GeoDataFrame(
            {"building_id": [f"b{n}" for n in range(36)], "households": 40, "persons": 100}, geometry=spots, crs=CRS
        ),
    }
    path = tmp_path / "source.gpkg"
    write_geopackage(path, layers)
    return path


def test_levels_writes_one_tree_that_is_a_plan_too(source: Path, tmp_path: Path) -> None:
    done = run("levels", source, "-o", tmp_path / "tree.gpkg", "--effort", "quick")
    assert done.exit_code == 0, done.output
    found = layers_of(tmp_path / "tree.gpkg")
    assert {"grids", "units", "violations", "lineage", "levels", "level_violations", "heads"} <= set(found)
    levels = found["levels"]
    assert levels["level"].value_counts().to_dict() == {"community": 3, "grid": 3, "micro": 36}
    assert levels.groupby("level")["households"].sum().tolist() == [1440] * 3
    assert "36 micro-grids, 1,440 households, 40-40 each; 0 violations" in done.output
    report = json.loads((tmp_path / "tree.report.json").read_text(encoding="utf-8"))
    assert set(report["levels"]) == {"grid", "micro"}


def test_levels_take_the_grids_of_a_plan(source: Path, tmp_path: Path) -> None:
    """Edited or published grids are cut further as they are."""
    planned = run("plan", source, "-o", tmp_path / "plan.gpkg", "--effort", "quick", "--seed", 5)
    assert planned.exit_code == 0, planned.output
    done = run("levels", source, "-o", tmp_path / "tree.gpkg", "--levels", "micro", "--plan", tmp_path / "plan.gpkg")
    assert done.exit_code == 0, done.output
    before, after = layers_of(tmp_path / "plan.gpkg")["grids"], layers_of(tmp_path / "tree.gpkg")
    assert after["grids"]["grid_code"].tolist() == before["grid_code"].tolist()
    assert shapely.equals(after["grids"].geometry.to_numpy(), before.geometry.to_numpy()).all()
    micro = after["levels"][after["levels"]["level"] == "micro"]
    assert set(micro["parent_code"]) == set(before["grid_code"])


def test_communities_are_proposed_and_the_new_source_can_be_planned(source: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[communities]\nminimum = 600\nmaximum = 900\n", encoding="utf-8")
    new = tmp_path / "new.gpkg"
    arguments = ["--levels", "community,grid", "--within", "town", "--rules", rules, "--write-source", new]
    done = run("levels", source, "-o", tmp_path / "tree.gpkg", *arguments, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "社区 2 个，共 1,440 户" in done.output
    found = layers_of(tmp_path / "tree.gpkg")
    assert found["community_lineage"]["households"].sum() == 1440
    assert "micro" not in set(found["levels"]["level"])
    again = run("plan", new, "-o", tmp_path / "plan.gpkg")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--levels", "street"], "expected some of community, grid, micro"),
        (["--levels", ","], "expected some of"),
        (["--levels", "community,micro", "--plan", "plan.gpkg"], "leave community out"),
        (["--write-source", "new.gpkg"], "add community to --levels"),
        (["--plan", "none.gpkg"], "none.gpkg"),
        (["--rules", "none.toml"], "no readable TOML"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("levels", source, "-o", "tree.gpkg", *arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["source.gpkg"]


def test_strict_says_that_a_level_has_violations(source: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[micro]\nminimum = 50\nmaximum = 70\n", encoding="utf-8")
    arguments = ["-o", tmp_path / "tree.gpkg", "--rules", rules, "--strict", "--effort", "quick"]
    assert run("levels", source, *arguments).exit_code == 1


def test_zones_of_a_source(source: Path, tmp_path: Path) -> None:
    done = run("zones", source, "-o", tmp_path / "zones.gpkg", "-n", 2, "--weight", "persons", "--tolerance", 40)
    assert done.exit_code == 0, done.output
    found = layers_of(tmp_path / "zones.gpkg")
    zones = found["levels"][found["levels"]["level"] == "zone"]
    assert sorted(zones["weight"]) == [1200, 2400]
    assert zones["code"].tolist() == [f"{TOWN}Z01", f"{TOWN}Z02"]
    report = json.loads((tmp_path / "zones.report.json").read_text(encoding="utf-8"))
    assert (report["weight_is"], report["travel_unit"]) == ("persons", "km")
    assert "2400 (+33.3%)" in done.output


def test_zones_of_plain_polygons_with_a_table_of_ways(tmp_path: Path) -> None:
    """Twelve towns with caseloads in a shapefile, codes and names in its own columns, minutes by road in a CSV."""
    shapes = [square(10 * x, 10 * y, 10, 10) for y in range(3) for x in range(4)]
    cases = [30, 80, 110, 70, 70, 120, 50, 100, 90, 60, 80, 40]
    codes = [f"220281{number:03d}" for number in range(100, 112)]
    towns = gpd.GeoDataFrame({"DM": codes, "MC": codes, "AJ": cases}, geometry=shapes, crs=CRS)
    pyogrio.write_dataframe(towns, tmp_path / "towns.shp")
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    minutes = np.hypot(*(middle[:, None] - middle[None]).transpose(2, 0, 1)) / 500.0
    pd.DataFrame(minutes, index=codes, columns=codes).to_csv(tmp_path / "ways.csv")
    columns = ["--code", "DM", "--name", "MC", "--weight", "AJ"]
    arguments = ["-o", tmp_path / "zones.gpkg", "-n", 4, "--travel", tmp_path / "ways.csv", "--strict", "--lang", "zh"]
    done = run("zones", tmp_path / "towns.shp", *columns, *arguments)
    assert done.exit_code == 0, done.output
    found = layers_of(tmp_path / "zones.gpkg")
    zones = found["levels"][found["levels"]["level"] == "zone"]
    assert zones["weight"].between(225 * 0.9, 225 * 1.1).all()
    assert (zones["weight"].sum(), zones["towns"].sum(), len(found["level_violations"])) == (900, 12, 0)
    assert "min" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-n", "4"], "4 zones are set, but there are 3 towns"),
        (["-n", "2", "--weight", "cases"], "expected one of households, persons, work, incidents"),
        (["-n", "2", "--weight", "incidents"], "the source has no incidents"),
        (["-n", "2", "--travel", "none.csv"], "none.csv"),
        (["-n", "2", "--code", "community_code", "--layer", "communities", "--weight", "cases"], "cases"),
        (["-n", "2", "--code", "nothing", "--layer", "communities", "--weight", "name"], "nothing"),
    ],
)
def test_zones_that_cannot_be_are_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("zones", source, "-o", "zones.gpkg", *arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["source.gpkg"]


def test_sensitivity_prints_a_table_or_json(source: Path, tmp_path: Path) -> None:
    done = run("sensitivity", source, "--lang", "zh", "-o", tmp_path / "all.json", "--jobs", 1)
    assert done.exit_code == 0, done.output
    assert "per_household" in done.output
    assert "在此无作用的权重：per_street_km, per_incident" in done.output
    figures = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert len(figures["grids"]) == 3
    assert not list(tmp_path.glob(".*"))
