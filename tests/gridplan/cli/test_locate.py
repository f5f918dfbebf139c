"""``gridplan locate``: one point, one address, a table, a score; what is asked wrongly is refused with code 2."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import typer
from typer.testing import CliRunner

from gridplan.cli.locate import locate
from gridplan.sources.gdal import write_geopackage

app = typer.Typer()
app.command()(locate)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def answer(*arguments: object) -> dict[str, Any]:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a plan of two grids, west and east of 120.001 E, and a table of their addresses."""
    path = tmp_path_factory.mktemp("locate")
    squares = [shapely.box(120.0, 23.0, 120.001, 23.001), shapely.box(120.001, 23.0, 120.002, 23.001)]
    grids = gpd.GeoDataFrame({"grid_code": ["west", "east"]}, geometry=squares, crs="EPSG:4326")
    write_geopackage(path / "plan.gpkg", {"grids": grids.to_crs("EPSG:4549")})
    rows = [
        (f"a{n}", f"臺南市東區裕農里{n % 9 + 1}鄰裕農路{n}號", 120.0001 if n < 50 else 120.0011) for n in range(1, 100)
    ]
    table = pd.DataFrame(rows, columns=["address_id", "address", "lon"]).assign(lat=23.0005)
    table.to_csv(path / "addresses.csv", index=False)
    return path


def test_a_point_is_located_in_any_datum(folder: Path) -> None:
    plan = ("--plan", folder / "plan.gpkg")
    assert answer("--lon", 120.0005, "--lat", 23.0005, *plan) == {
        "grid_code": "west",
        "status": "inside",
        "distance_m": 0.0,
    }
    assert answer("--lon", 120.0005, "--lat", 23.0005, "--datum", "gcj02", *plan)["status"] == "none"
    assert answer("--lon", 500_000.0, "--lat", 0.0, "--crs", "plan", *plan)["grid_code"] is None
    assert answer("--lon", 23.0005, "--lat", 120.0015, *plan) == {
        "grid_code": None,
        "status": "swapped",
        "hint": "east",
    }


def test_an_address_is_located_by_its_table(folder: Path) -> None:
    found = answer(
        "--address",
        "台南市東區裕農路６８號旁邊",
        "--addresses",
        folder / "addresses.csv",
        "--plan",
        folder / "plan.gpkg",
    )
    assert (found["address_id"], found["accepted"], found["grid_code"]) == ("a68", True, "east")


def test_tables_of_points_and_of_addresses(folder: Path, tmp_path: Path) -> None:
    plan, table = ("--plan", folder / "plan.gpkg"), folder / "addresses.csv"
    summary = answer("--table", table, "-o", tmp_path / "points.parquet", *plan)
    assert (summary["rows"], summary["statuses"]) == (99, {"inside": 99})
    by_point = pd.read_parquet(tmp_path / "points.parquet")["grid_code"].tolist()
    assert by_point == ["west"] * 49 + ["east"] * 50
    summary = answer("--table", table, "-o", tmp_path / "found.csv", "--addresses", table, *plan)
    assert summary["columns"] == {"address": "address"}
    assert pd.read_csv(tmp_path / "found.csv")["grid_code"].tolist() == by_point


def test_swapped_columns_are_said_in_the_planners_language(folder: Path, tmp_path: Path) -> None:
    swapped = ("--lon-column", "lat", "--lat-column", "lon", "--lang", "zh")
    result = run(
        "--table", folder / "addresses.csv", "-o", tmp_path / "o.csv", "--plan", folder / "plan.gpkg", *swapped
    )
    assert result.exit_code == 0
    assert "--lon-column lon --lat-column lat" in result.stderr


def test_labelled_addresses_are_scored(folder: Path, tmp_path: Path) -> None:
    labels = [{"query": "裕農路12號", "gold": ["a12"], "gold_grid": ["west"]}, {"query": "裕農路999號", "gold": []}]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    plan = ("--plan", folder / "plan.gpkg")
    score = answer("--evaluate", path, "--addresses", folder / "addresses.csv", *plan)
    assert (score["unique"]["accepted_right"], score["none"]["false_match"]) == (1.0, 0.0)


def test_the_plan_in_force_answers_where_none_is_given(folder: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'store.db'}"
    result = run("--lon", 120.0005, "--lat", 23.0005, "--store", store, "--at", "2026-03-01")
    assert result.exit_code == 2
    assert "2026-03-01" in result.stderr
    assert "gridplan publish" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one of --lon"),
        (("--lon", 1), "together"),
        (("--lon", 1, "--lat", 2, "--address", "x"), "one of --lon"),
        (("--table", "a.csv"), "-o OUT"),
        (("--address", "x", "--plan", "PLAN"), "--addresses"),
        (("--lon", 1, "--lat", 2, "--plan", "PLAN", "--at", date(2026, 1, 1)), "either a plan or a day"),
        (("--lon", 1, "--lat", 2, "--plan", "none.gpkg"), "no such file"),
        (("--lon", 1, "--lat", 2, "--plan", "PLAN", "--crs", "EPSG:0"), "EPSG:4549"),
        (("--evaluate", "none.jsonl", "--addresses", "ADDRESSES", "--plan", "PLAN"), "none.jsonl"),
        (("--table", "none.csv", "-o", "o.csv", "--plan", "PLAN"), "none.csv"),
    ],
)
def test_what_is_asked_wrongly_is_refused(folder: Path, arguments: tuple[object, ...], message: str) -> None:
    named = {"PLAN": folder / "plan.gpkg", "ADDRESSES": folder / "addresses.csv"}
    result = run(*(named.get(str(each), each) for each in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
