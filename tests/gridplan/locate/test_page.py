"""The page on looking up says what is: statuses, options, label files and the Python calls."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import typer

from gridplan.cli import app
from gridplan.locate import STATUSES, Located
from gridplan.locate.evaluate import EXPECTS, read_labels
from gridplan.sources.gdal import write_geopackage

PAGE = (Path(__file__).parents[3] / "docs" / "locate.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_all_statuses_are_explained_in_order() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, re.M)) == STATUSES
    answer = json.loads(blocks("json")[0])
    assert Located(**answer).to_dict() == answer


def test_options_and_expectations_exist() -> None:
    command: Any = dict(typer.main.get_command(app).commands)["locate"]  # type: ignore[attr-defined]
    options = {name for parameter in command.params for name in parameter.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE.partition("## Speed")[0]))
    assert named <= options
    assert all(f"`{expect}`" in PAGE for expect in EXPECTS)


def test_the_label_shown_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r'`(\{"query".*?\})`', PAGE, re.DOTALL)
    path = tmp_path / "labels.jsonl"
    path.write_text(shown.replace("\n", " "), encoding="utf-8")
    (label,) = read_labels(path)
    assert (label.expect, label.gold, label.tags) == ("unique", ("A1",), ("typo", "building"))


def test_the_python_shown_runs(town: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_geopackage(tmp_path / "plan.gpkg", {"grids": town})
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"lons": [120.01], "lats": [22.97]}
    days = "import datetime as dt\nfirst_day, day_after_last = dt.date(2026, 1, 1), None\n"
    exec(days + blocks("python")[0], names)
    assert names["index"].locate_many(names["lons"], names["lats"]).grid_code[0] in set(town["grid_code"])
