"""A plan written and read is the same plan, history and all, and goes on being edited without its source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import A
from oracle import assert_true

import gridplan
from gridplan.editing.record import EditRecord
from gridplan.errors import PlanFileError
from gridplan.plan import Plan

NW, NE, SW, SE = (A + f"00{number}" for number in (1, 2, 3, 4))


@pytest.fixture
def edited(square: Plan) -> Plan:
    """Return the square after four edits, one of them taken back."""
    first = square.by("王芳").merge(NW, NE, reason="人少", force=True, at=datetime(2026, 3, 1, tzinfo=UTC))
    return first.rename(SW, "河畔'\"<b>\n").move("b4", to=NW, force=True).undo()


def test_written_and_read_it_is_the_same(edited: Plan, tmp_path: Path) -> None:
    edited.write(tmp_path / "plan.gpkg")
    back = gridplan.read_plan(tmp_path / "plan.gpkg")
    assert back == edited
    assert back.edits == edited.edits
    assert json.loads(json.dumps(back.report)) == json.loads(json.dumps(edited.report))
    for layer in ("grids", "units", "violations", "lineage", "borders", "communities"):
        pd.testing.assert_series_equal(getattr(back, layer).dtypes, getattr(edited, layer).dtypes)
    assert back.grids.crs == edited.grids.crs


def test_history_lives_on_in_the_file(square: Plan, edited: Plan, tmp_path: Path) -> None:
    edited.write(tmp_path / "plan.gpkg")
    back = Plan.read(tmp_path / "plan.gpkg")
    assert back.history[["action", "author", "reason", "forced", "stands"]].to_numpy().tolist() == [
        ["merge", "王芳", "人少", True, True],
        ["rename", "王芳", "", False, True],
        ["move", "王芳", "", True, False],
        ["undo", "王芳", "", False, False],
    ]
    redone = back.redo()
    assert_true(redone)
    assert redone.undo().undo().undo() == square


def test_the_same_edits_in_memory_and_from_files_give_the_same_plan(square: Plan, tmp_path: Path) -> None:
    in_memory = square.merge(NW, NE, force=True).split(NW, into=2)
    square.write(tmp_path / "a.gpkg")
    made = Plan.read(tmp_path / "a.gpkg").merge(NW, NE, force=True)
    made.write(tmp_path / "b.gpkg")
    assert Plan.read(tmp_path / "b.gpkg").split(NW, into=2) == in_memory


def test_a_record_is_plain_json(edited: Plan) -> None:
    for record in edited.edits:
        text = json.dumps(record.to_dict(), ensure_ascii=False, allow_nan=False)
        assert EditRecord.from_dict(json.loads(text)) == record


def test_an_edit_made_from_its_record_gives_the_same_plan(square: Plan, edited: Plan) -> None:
    made = square
    for record in edited.edits:
        made = made.edit(record.action, record.parameters if record.action != "undo" else {}, force=True)
    assert made == edited


def test_what_is_no_plan_is_refused_by_name(square: Plan, tmp_path: Path) -> None:
    with pytest.raises(PlanFileError, match="no such file"):
        gridplan.read_plan(tmp_path / "none.gpkg")
    (tmp_path / "text.gpkg").write_text("a plan", encoding="utf-8")
    with pytest.raises(PlanFileError, match="GeoPackage"):
        gridplan.read_plan(tmp_path / "text.gpkg")
    square.write(tmp_path / "plan.gpkg")
    (tmp_path / "plan.report.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PlanFileError, match="rules and measures"):
        gridplan.read_plan(tmp_path / "plan.gpkg")
    (tmp_path / "plan.report.json").unlink()
    with pytest.raises(PlanFileError, match="belongs beside it"):
        gridplan.read_plan(tmp_path / "plan.gpkg")


def test_a_plan_is_not_another(square: Plan) -> None:
    other = square.units.assign(persons=square.units["persons"] + 1)
    assert replace(square, units=other) != square
    moved = square.grids.assign(geometry=square.grids.geometry.translate(1e-9 * np.abs(square.grids.total_bounds[0])))
    assert replace(square, grids=moved) != square
    assert square != "plan"
