"""The command ``gridplan export``: all that is asked for, or nothing and the reason."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from drawn import A, box, district, houses, plan
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.sources.write import write_source
from gridplan.store import Store

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a source and its plan."""
    folder = tmp_path_factory.mktemp("made")
    drawn = district(houses(8, 1), 100, box(0, 0, 800, 100))
    write_source(drawn, folder / "source.gpkg")
    plan(drawn).write(folder / "plan.gpkg")
    return folder


def test_files_are_written_and_named(made: Path, tmp_path: Path) -> None:
    wanted = ["--ledger", tmp_path / "l.xlsx", "--geojson", tmp_path / "g.json", "--shapefile", tmp_path / "shp"]
    options = ["--source", made / "source.gpkg", "--valid-from", "2026-12-01", "--community", A, "--lang", "en"]
    done = RUNNER.invoke(app, ["export", *map(str, [made / "plan.gpkg", *wanted, *options])])
    assert done.exit_code == 0, done.output
    listed = [Path(line) for line in done.output.split()]
    assert all(path.is_file() for path in listed)
    assert len(listed) == 8
    head, first, *_ = openpyxl.load_workbook(tmp_path / "l.xlsx")["Grid ledger"].iter_rows(values_only=True)
    assert dict(zip(head, first, strict=True))["Valid from"] == "2026-12-01"


def test_a_plan_of_the_store_knows_its_days(made: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    done = RUNNER.invoke(app, ["publish", str(made / "plan.gpkg"), "--valid-from", "2030-01-01", "--store", url])
    assert done.exit_code == 0, done.output
    with Store.open(url) as store:
        (info,) = store.plans()
    done = RUNNER.invoke(app, ["export", info.plan_id, "--ledger", str(tmp_path / "l.xlsx"), "--store", url])
    assert done.exit_code == 0, done.output
    notes = openpyxl.load_workbook(tmp_path / "l.xlsx")["说明"]["A"]
    assert any(info.plan_id in cell.value and "2030年1月1日启用" in cell.value for cell in notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing is asked for"),
        (["--ledger", "l.csv"], "ends in .xlsx"),
        (["--ledger", "l.xlsx", "--community", "999"], "no community 999"),
        (["--ledger", "l.xlsx", "--changes", "c.csv"], "no grids of today"),
        (["--ledger", "l.xlsx", "--geojson", "nowhere/g.json"], "does not exist"),
        (["--ledger", "x.xlsx", "--register", "x.xlsx"], "two deliverables"),
    ],
)
def test_bad_input_is_2_and_leaves_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(app, ["export", str(made / "plan.gpkg"), *options, "--lang", "en"])
    assert done.exit_code == 2
    assert words in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_command_of_the_document_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = [{"grid_code": f"{A}001", "geometry": box(0, 0, 300, 100)}]
    drawn = district(houses(8, 1), 100, box(0, 0, 800, 100), grids=today)
    write_source(drawn, tmp_path / "source.gpkg")
    plan(drawn).write(tmp_path / "PLAN.gpkg")
    document = (Path(__file__).parents[3] / "docs" / "exports.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^gridplan (export .*)$", document, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(app, command.replace("SOURCE", "source.gpkg").split())
    assert done.exit_code == 0, done.output
    assert {"ledger.xlsx", "forms.xlsx", "changes.xlsx", "grids.geojson", "shp"} < {
        each.name for each in tmp_path.iterdir()
    }
