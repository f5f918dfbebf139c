"""Whole districts by the command line: the independent checker finds no broken promise, and nothing chance decides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from planchecker import check_plan

from gridplan.synthetic import make_district, write_bubenec, write_district

ROOT = Path(__file__).parents[1]
GRIDPLAN = Path(sys.executable).with_name("gridplan")
REAL = ("tainan_east", "cambridge")
DISTRICTS = ["synthetic", "bubenec", *(pytest.param(name, marks=pytest.mark.real) for name in REAL)]
# The streets of a city of blocks are where its planners look for borders (acceptance of the first plan).
LEAST_ON_BARRIERS = {"cambridge": 0.80}

pytestmark = pytest.mark.slow


def gridplan(*arguments: object, **environment: str) -> None:
    command = [str(GRIDPLAN), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def plan(source: Path, output: Path, jobs: int) -> Path:
    gridplan("plan", source, "-o", output, "--jobs", jobs)
    return output


def report_of(plan_file: Path) -> dict[str, Any]:
    return dict(json.loads(plan_file.with_name(f"{plan_file.stem}.report.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module", params=DISTRICTS)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a district as one GeoPackage, named after it."""
    path = tmp_path_factory.mktemp(request.param) / f"{request.param}.gpkg"
    if request.param == "synthetic":
        return Path(write_district(make_district(np.random.default_rng(1)), path))
    if request.param == "bubenec":
        return Path(write_bubenec(path))
    data = request.getfixturevalue("real_data")
    gridplan(
        "check", ROOT / "examples" / request.param / "gridplan.toml", "--write-source", path, GRIDPLAN_DATA=str(data)
    )
    return path


@pytest.fixture(scope="module")
def planned(source: Path) -> Path:
    """Return the district's plan, made once by two processes."""
    return plan(source, source.with_name("plan.gpkg"), jobs=2)


def test_no_promise_is_broken(source: Path, planned: Path) -> None:
    assert check_plan(source, planned) == []


def test_the_search_never_gives_up(planned: Path) -> None:
    reasons = pyogrio.read_dataframe(planned, layer="violations")["reason"]
    assert "search_gave_up" not in Counter(reasons)


def test_borders_follow_streets(source: Path, planned: Path) -> None:
    share = report_of(planned)["measures"]["boundary_on_barriers"]
    assert LEAST_ON_BARRIERS.get(source.stem, 0) <= share <= 1


def test_one_process_or_two_give_the_same_plan(source: Path, planned: Path) -> None:
    alone = plan(source, source.with_name("alone.gpkg"), jobs=1)
    assert report_of(alone)["labels_digest"] == report_of(planned)["labels_digest"]


def test_the_order_of_rows_does_not_matter(source: Path, planned: Path) -> None:
    shuffled = source.with_name(f"{source.stem}-shuffled.gpkg")
    for layer, _ in pyogrio.list_layers(source):
        frame = pyogrio.read_dataframe(source, layer=layer)
        mixed = frame.sample(frac=1, random_state=5)
        assert len(frame) < 5 or not mixed.index.is_monotonic_increasing
        pyogrio.write_dataframe(mixed.reset_index(drop=True), shuffled, layer=layer)
    again = plan(shuffled, source.with_name("again.gpkg"), jobs=2)
    assert report_of(again)["labels_digest"] == report_of(planned)["labels_digest"]
