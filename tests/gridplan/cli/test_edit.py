"""The command ``gridplan edit``: edits from a file or a drawing, all or none, and the history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawn import A, box, district, houses, plan
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.plan import read_plan

RUNNER = CliRunner()
ONE, TWO = A + "001", A + "002"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a plan of two grids of four houses in a row."""
    path = tmp_path_factory.mktemp("plan") / "plan.gpkg"
    plan(district(houses(8, 1), 100, box(0, 0, 800, 100))).write(path)
    return path


def edits(folder: Path, *rows: tuple[str, dict[str, object]]) -> Path:
    path = folder / "edits.json"
    path.write_text(json.dumps([{"action": name, "parameters": values} for name, values in rows]), encoding="utf-8")
    return path


def test_edits_from_a_file_are_made_told_and_kept(made: Path, tmp_path: Path) -> None:
    wanted = edits(tmp_path, ("move", {"units": ["b4"], "to": ONE}), ("rename", {"code": TWO, "name": "东"}))
    output = tmp_path / "new.gpkg"
    options = ["--edits", str(wanted), "--by", "王芳", "--reason", "近", "--lang", "zh"]
    done = RUNNER.invoke(app, ["edit", str(made), "-o", str(output), *options])
    assert done.exit_code == 0, done.output
    assert "400 → 500 户" in done.output
    after = read_plan(output)
    assert [(record.action, record.author, record.reason) for record in after.edits] == [
        ("move", "王芳", "近"),
        ("rename", "王芳", "近"),
    ]
    listed = RUNNER.invoke(app, ["edit", str(output)])
    assert "move  王芳  近" in listed.output
    back = RUNNER.invoke(app, ["edit", str(output), "-o", str(output), "--undo", "2"])
    assert back.exit_code == 0, back.output
    assert read_plan(output) == read_plan(made)
    assert RUNNER.invoke(app, ["edit", str(output)]).output.count("(undone)") == 4


def test_a_drawing_is_taken_and_what_it_leaves_over_is_told(made: Path, tmp_path: Path) -> None:
    frame = read_plan(made).grids[["grid_code", "geometry"]].copy()
    strip = box(400, 0, 530, 100)
    frame["geometry"] = [frame.geometry[0].union(strip), frame.geometry[1].difference(strip)]
    frame.to_file(tmp_path / "drawn.geojson")
    done = RUNNER.invoke(
        app, ["edit", str(made), "-o", str(tmp_path / "new.gpkg"), "--from", str(tmp_path / "drawn.geojson")]
    )
    assert done.exit_code == 0, done.output
    assert "the border cuts the unit" in done.output
    assert read_plan(tmp_path / "new.gpkg").grids["households"].tolist() == [500, 300]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((("rename", {"code": ONE, "name": "x"}), ("merge", {"codes": [ONE, TWO]})), "would break a rule"),
        ((("merge", {"codes": [ONE, "nowhere"]}),), "no grid nowhere"),
        ((("explode", {}),), "unknown edit"),
    ],
)
def test_one_edit_that_fails_stops_all(made: Path, tmp_path: Path, rows: tuple[tuple[str, dict]], words: str) -> None:
    output = tmp_path / "new.gpkg"
    done = RUNNER.invoke(app, ["edit", str(made), "-o", str(output), "--edits", str(edits(tmp_path, *rows))])
    assert done.exit_code == 2
    assert words in done.output
    assert not output.exists()


def test_bad_files_are_2(made: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    for options in (["-o", str(tmp_path / "n.gpkg"), "--edits", str(tmp_path / "bad.json")], ["--undo", "1"]):
        assert RUNNER.invoke(app, ["edit", str(made), *options]).exit_code == 2
    assert RUNNER.invoke(app, ["edit", str(tmp_path / "none.gpkg")]).exit_code == 2
