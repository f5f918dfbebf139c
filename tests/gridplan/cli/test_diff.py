"""The command ``gridplan diff``: pairs printed, tables and map written, bad input refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from drawn import A, box, district, houses, plan
from typer.testing import CliRunner

from gridplan.cli import app

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the files of a plan and of the plan after one edit."""
    folder = tmp_path_factory.mktemp("plans")
    made = plan(district(houses(8, 1), 100, box(0, 0, 800, 100), building_id=["=1+1", *(f"b{n}" for n in range(1, 8))]))
    made.write(folder / "old.gpkg")
    made.move("b4", to=A + "001", reason="近").write(folder / "new.gpkg")
    return folder / "old.gpkg", folder / "new.gpkg"


def test_it_prints_the_pairs(two: tuple[Path, Path]) -> None:
    done = RUNNER.invoke(app, ["diff", *map(str, two), "--lang", "zh"])
    assert done.exit_code == 0, done.output
    assert "网格 2 → 2；改划户数 100" in done.output
    assert f"{A}002 → {A}001  拆分  100  (25%)" in done.output
    found = json.loads(RUNNER.invoke(app, ["diff", *map(str, two), "--json"]).output)
    assert found["households_moved"] == 100
    assert sum(pair["households"] for pair in found["pairs"]) == 800


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_tables_keep_codes_as_text_and_run_no_formula(two: tuple[Path, Path], tmp_path: Path, suffix: str) -> None:
    pairs, buildings = tmp_path / f"pairs{suffix}", tmp_path / f"who{suffix}"
    done = RUNNER.invoke(app, ["diff", *map(str, two), "-o", str(pairs), "--buildings", str(buildings)])
    assert done.exit_code == 0, done.output
    read = pd.read_csv if suffix == ".csv" else pd.read_excel
    assert read(pairs, dtype=str)["old_code"].tolist() == [A + "001", A + "002", A + "002"]
    assert "'=1+1" in read(buildings, dtype=str)["building_id"].tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([pairs.name, buildings.name])


def test_it_draws_a_map(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["diff", *map(str, two), "--map", str(tmp_path / "diff.html")])
    assert done.exit_code == 0, done.output
    assert "改划的基本单元" in (tmp_path / "diff.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["none.gpkg"], ["-o", "pairs.txt"], ["--map", "nowhere/x.html"]])
def test_bad_input_is_2_and_leaves_nothing(two: tuple[Path, Path], tmp_path: Path, arguments: list[str]) -> None:
    plans = [str(two[0]), arguments[0]] if len(arguments) == 1 else [*map(str, two)]
    options = [] if len(arguments) == 1 else [arguments[0], str(tmp_path / arguments[1])]
    done = RUNNER.invoke(app, ["diff", *plans, *options])
    assert done.exit_code == 2
    assert "error:" in done.output
    assert list(tmp_path.iterdir()) == []
