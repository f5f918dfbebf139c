"""`gridplan plan --prove`: the report's bounds, the same with two processes, the missing extra."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.proofs import proof_lines


def source(path: Path) -> Path:
    """
    Write two communities of 200 m squares: twelve houses in three rows, and 120 households alone.

    The first is cut into two or three grids; the second is below the minimum.
    """
    homes = [120, 80, 100, 90, 70, 110, 130, 60, 95, 85, 75, 105]
    squares = [shapely.box(50 * (i % 4), 50 * (i // 4), 50 * (i % 4) + 50, 50 * (i // 4) + 50) for i in range(12)]
    alone = shapely.box(300, 0, 350, 50)
    houses = gpd.GeoDataFrame(
        {"building_id": [f"b{i}" for i in range(13)], "households": [*homes, 120]},
        geometry=[shapely.buffer(square, -10) for square in [*squares, alone]],
        crs="EPSG:4549",
    )
    ground = gpd.GeoDataFrame(
        {"community_code": ["440304001001", "440304001002"]},
        geometry=[shapely.box(0, 0, 200, 150), alone],
        crs="EPSG:4549",
    )
    ground.to_file(path, layer="communities")
    houses.to_file(path, layer="buildings")
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def proof_of(plan: Path) -> dict[str, Any]:
    proof: dict[str, Any] = json.loads(plan.with_suffix(".report.json").read_text(encoding="utf-8"))["proof"]
    return proof


def without_seconds(proof: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in part.items() if name != "seconds"} for part in proof["parts"]]


def test_the_report_holds_a_bound_for_each_part_whatever_the_processes(tmp_path: Path) -> None:
    pytest.importorskip("highspy", reason="the extra `prove` is not installed")
    made = source(tmp_path / "s.gpkg")
    one = run(made, "-o", tmp_path / "one.gpkg", "--prove", "--jobs", 1)
    assert one.exit_code == 0, one.output
    proof = proof_of(tmp_path / "one.gpkg")
    first, second = proof["parts"]
    assert (first["community_code"], first["part"], first["status"]) == ("440304001001", 0, "optimal")
    assert first["objective"] == first["bound"] <= first["plan_objective"]
    assert (second["status"], second["bound"]) == ("out_of_bounds", None)
    assert (proof["bounded"], proof["optimal"], proof["gap_worst"]) == (1, 1, 0.0)
    assert "exact model: 1 of 2 parts bounded, 1 proven optimal" in one.output
    two = run(made, "-o", tmp_path / "two.gpkg", "--prove", "--jobs", 2, "--lang", "zh")
    assert "精确模型：2 个连通块中 1 个有下界，1 个证明最优" in two.output
    assert without_seconds(proof_of(tmp_path / "two.gpkg")) == without_seconds(proof)


def test_without_a_proof_the_report_says_so(tmp_path: Path) -> None:
    assert run(source(tmp_path / "s.gpkg"), "-o", tmp_path / "p.gpkg", "--jobs", 1).exit_code == 0
    assert proof_of(tmp_path / "p.gpkg") is None


def test_without_the_solver_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    refused = run(tmp_path / "absent.gpkg", "-o", tmp_path / "p.gpkg", "--prove")
    assert refused.exit_code == 2
    assert "gridplan[prove]" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_part_left_open_is_told_with_its_gap() -> None:
    part = {"community_code": "4", "part": 0, "units": 150, "grids": 8, "status": "time_limit", "gap": 0.0123}
    proof = {"parts": [part | {"seconds": 120.4}], "bounded": 1, "optimal": 0, "taken": 0}
    proof |= {"gap_mean": 0.0123, "gap_worst": 0.0123}
    assert proof_lines(proof, "en")[1] == "    4/0  150 units, 8 grids: time ran out, gap 1.230% (120 s)"
    assert proof_lines(proof, "zh")[1] == "    4/0  150 个基本单元，8 个网格：时限已到，差距 1.230%（120 秒）"
    assert proof_lines(None, "en") == []
