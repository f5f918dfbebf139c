"""A plan on disk: whole or not at all, whichever step fails; what is read back is what was planned."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from drawn import box, district, houses, plan
from geopandas.testing import assert_geodataframe_equal
from planchecker import check_plan

from gridplan.output import report_path, write_plan
from gridplan.plan import Plan
from gridplan.sources import read_source
from gridplan.sources.write import write_source

FILES = ("plan.gpkg", "plan.report.json", "map.html")


@pytest.fixture(scope="module")
def made() -> Plan:
    """Return a plan with text codes that look like numbers."""
    lock = {"grid_code": "007", "locked": True, "geometry": box(0, 0, 100, 100)}
    return plan(district(houses(4, 1), 150, box(0, 0, 400, 100), grids=[lock]))


def write(made: Plan, folder: Path) -> None:
    write_plan(made, folder / "plan.gpkg", page="<html>new</html>", page_path=folder / "map.html")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_read_back_is_what_was_planned(made: Plan, tmp_path: Path) -> None:
    write(made, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    grids = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="grids")
    columns = [name for name in made.grids.columns if name != "valid_from"]
    assert_geodataframe_equal(grids[columns], made.grids[columns], check_dtype=False, check_like=True)
    report = json.loads(report_path(tmp_path / "plan.gpkg").read_text(encoding="utf-8"))
    assert report["measures"] == made.report["measures"]


def test_ids_and_codes_are_text_on_disk(made: Plan, tmp_path: Path) -> None:
    write(made, tmp_path)
    columns = {"grids": ["grid_code", "community_code"], "units": ["unit_id", "building_id", "grid_code"]}
    columns |= {"violations": ["rule", "grid_code", "reason"], "lineage": ["old_code", "new_code", "change"]}
    for layer, names in columns.items():
        info = pyogrio.read_info(tmp_path / "plan.gpkg", layer=layer)
        types = dict(zip(info["fields"], info["ogr_types"], strict=True))
        assert {types[name] for name in names} == {"OFTString"}, layer
    assert pyogrio.read_info(tmp_path / "plan.gpkg", layer="grids")["crs"] == "EPSG:4549"


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
@pytest.mark.parametrize("before", [False, True], ids=["fresh folder", "over a plan"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_move_that_fails_leaves_what_was_there(
    made: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, *, before: bool, error: BaseException
) -> None:
    """Three files are moved into place; the move of each fails in turn."""
    if before:
        for name in FILES:
            (tmp_path / name).write_text(f"old {name}")
    old = content(tmp_path)
    calls, moved = [], os.replace

    def failing(source: Any, target: Any) -> None:
        if Path(target).name in FILES and Path(target).parent == tmp_path:
            calls.append(target)
            if len(calls) == step + 1:
                raise error
        moved(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(type(error)):
        write(made, tmp_path)
    assert content(tmp_path) == old


@pytest.mark.parametrize("what", ["write_geopackage", "write_text"])
def test_a_write_that_fails_leaves_what_was_there(
    made: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    (tmp_path / "plan.gpkg").write_text("old")
    if what == "write_text":
        (tmp_path / "other").mkdir()
        monkeypatch.setattr(Path, "write_text", failing)
    else:
        monkeypatch.setattr("gridplan.output.write_geopackage", failing)
    old = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(OSError, match="disk full"):
        write(made, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == old
    assert (tmp_path / "plan.gpkg").read_bytes() == b"old"


def test_the_independent_checker_agrees(made: Plan, tmp_path: Path, sixteen: Any, banks: Any) -> None:
    for number, drawn in enumerate((sixteen, banks)):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_source(drawn, folder / "source.gpkg")
        write_plan(plan(read_source(folder / "source.gpkg")), folder / "plan.gpkg")
        assert check_plan(folder / "source.gpkg", folder / "plan.gpkg") == []
