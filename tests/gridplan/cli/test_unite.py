"""``gridplan unite``: files, columns, exit codes, messages in both languages; failure leaves nothing."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.gdal import write_geopackage

CRS = "EPSG:4549"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["unite", *map(str, arguments)])


def square(x: float, y: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    return shapely.box(
        *(500_000 + 100 * x, 2_500_000 + 100 * y), 500_000 + 100 * (x + width), 2_500_000 + 100 * (y + height)
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write one community of 6 by 2 houses of 100 households, three grids of four."""
    spots = [square(x, y).centroid for x in range(6) for y in range(2)]
    layers = {
        "communities": gpd.GeoDataFrame({"community_code": ["230718001001"]}, geometry=[square(0, 0, 6, 2)], crs=CRS),
        "buildings": gpd.GeoDataFrame(
            {"building_id": [f"b{n}" for n in range(12)], "households": 100}, geometry=spots, crs=CRS
        ),
    }
    write_geopackage(tmp_path / "source.gpkg", layers)
    return tmp_path / "source.gpkg"


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Write the police's halves, which overlap, and city management's codes under a name of its own, in degrees."""
    halves = gpd.GeoDataFrame(
        {"grid_code": ["=P1", "P2"]}, geometry=[square(0, 0, 3.2, 2), square(3, 0, 3, 2)], crs=CRS
    )
    lanes = gpd.GeoDataFrame({"编号": ["C1", "C2"]}, geometry=[square(0, 0, 2, 2), square(2, 0, 4, 2)], crs=CRS)
    write_geopackage(tmp_path / "drawn.gpkg", {"police": halves, "city": lanes.to_crs("EPSG:4326")})
    return tmp_path / "drawn.gpkg"


def test_one_plan_with_what_each_department_became(source: Path, drawn: Path, tmp_path: Path) -> None:
    plan, report = tmp_path / "plan.gpkg", tmp_path / "fit.json"
    done = run(
        source, "--layers", f"{drawn}:police=公安", f"{drawn}:city=城管", "--code-column", "城管=编号", "-o", plan,
        "--report", report, "--effort", "quick", "--lang", "zh",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "公安：2 个网格" in done.output
    table = pyogrio.read_dataframe(plan, layer="departments")
    assert table.groupby("department")["households"].sum().to_dict() == {"公安": 1200, "城管": 1200}
    beside = pd.read_csv(tmp_path / "plan.departments.csv", dtype=str, encoding="utf-8-sig")
    assert beside.columns.tolist() == ["department", "old_code", "new_code", "change", "households"]
    assert set(beside["old_code"]) == {"'=P1", "P2", "C1", "C2"}
    assert beside["households"].astype(int).sum() == 2400
    assert "departments_doubtful" in {name for name, _ in pyogrio.list_layers(plan)}
    fits = json.loads(report.read_text("utf-8"))["reconciliation"]
    assert [fit["department"] for fit in fits] == ["公安", "城管"]
    assert fits[0]["overlaps"]["area_m2"] == pytest.approx(20 * 200, abs=0.1)
    assert fits[1]["overlaps"]["area_m2"] == 0
    written = json.loads((tmp_path / "plan.report.json").read_text("utf-8"))
    assert written["departments"]["followed"]["grids"] == {"公安": 2, "城管": 2}
    again = run(source, "--layers", f"{drawn}:police=公安", "-o", tmp_path / "told.gpkg", "--plan", plan)
    assert again.exit_code == 0, again.output
    told = pyogrio.read_dataframe(tmp_path / "told.gpkg", layer="departments")
    assert told.equals(table[table["department"] == "公安"].reset_index(drop=True))


def test_the_page_says_commands_that_run(
    source: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).parents[3] / "docs" / "unite.md"
    blocks = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    source.rename("district.gpkg")
    drawn.rename("departments.gpkg")
    lock = {"action": "lock", "parameters": {"codes": ["230718001001001"]}}
    Path("edits.json").write_text(json.dumps([lock]), "utf-8")
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        done = CliRunner().invoke(app, shlex.split(line)[1:])
        assert done.exit_code == 0, f"{line}\n{done.output}"
    told = json.loads(Path("told.report.json").read_text("utf-8"))
    assert told["departments"]["after_edits"] == 1
    assert "公安" in Path("fit.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("layers", "more", "found"),
    [
        (["{drawn}:police"], [], "FILE[:LAYER]=NAME"),
        (["{drawn}:police=公安", "{drawn}:city=公安"], [], "两|two layers are called 公安"),
        (["{drawn}:police=公安"], ["--code-column", "城管=编号"], "城管"),
        (["{drawn}:city=城管"], [], "grid_code"),
        (["{drawn}:fire=消防"], [], "fire"),
        (["{drawn}.shp=消防"], [], "drawn.gpkg"),
    ],
    ids=["form", "twice", "column-of-none", "no-column", "no-layer", "no-file"],
)
def test_bad_input_ends_with_2_and_leaves_nothing(
    source: Path, drawn: Path, tmp_path: Path, layers: list[str], more: list[str], found: str
) -> None:
    before = set(tmp_path.iterdir())
    named = [word for layer in layers for word in ("--layers", layer.format(drawn=drawn))]
    done = run(source, *named, *more, "-o", tmp_path / "plan.gpkg")
    assert done.exit_code == 2, done.output
    assert found.rpartition("|")[2] in done.output
    assert set(tmp_path.iterdir()) == before
