"""The demo command writes both sources, says what they are, and hands each to the planner."""

from pathlib import Path

import pyogrio
import pytest
from typer.testing import CliRunner

from gridplan.cli import app


def test_demo_writes_and_plans_both_districts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("momepy", reason="momepy carries the data of Bubenec")
    planned: list[tuple[str, str, str]] = []

    def plan(source: Path, output: Path, map_path: Path) -> None:
        assert "buildings" in {name for name, _ in pyogrio.list_layers(source)}
        planned.append((source.name, output.name, map_path.name))

    monkeypatch.setattr("gridplan.cli.plan.run_plan", plan)
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path), "--households", "12000"])
    assert result.exit_code == 0, result.output
    assert planned == [
        ("synthetic-district.gpkg", "synthetic-district-plan.gpkg", "synthetic-district-map.html"),
        ("bubenec-estimated.gpkg", "bubenec-estimated-plan.gpkg", "bubenec-estimated-map.html"),
    ]
    assert "合成示例" in result.output
    assert "estimates" in result.output
