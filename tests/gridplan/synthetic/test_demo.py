"""The demo command writes both sources, says what they are, and hands each to the planner."""

from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.incidents.mapping import KNOWN
from gridplan.shortcuts import example
from gridplan.synthetic.office import write_office, write_register


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


def test_the_district_comes_as_offices_send_it_too(tmp_path: Path) -> None:
    source = example("district", tmp_path, households=10_000)
    sent = write_office(source, tmp_path / "office")
    assert {path.name for path in sent.iterdir()} >= {"社区.shp", "户数.xlsx", "道路.gpkg"}
    register = pd.read_csv(write_register(source, tmp_path / "register.csv"), dtype=str)
    incidents = pyogrio.read_dataframe(source, layer="incidents")
    assert register["工单编号"].tolist() == incidents["incident_id"].tolist()
    named = {theirs for names in KNOWN.values() for theirs in names}
    assert set(register.columns) <= named, "the import knows all columns by their names"
