"""What stands out, by command and in the printed report: what was planted is named, and where nothing was, nothing."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from desk_city import LAYOUT, desk_of
from stored import Clock, draw
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.incidents.unit_costs import unit_costs
from gridplan.store import Store

RUNNER = CliRunner()
COMMUNITIES = [f"230718001{number:03d}" for number in range(1, 13)]
WEEK = ("--from", "2026-10-19", "--to", "2026-10-25")
QUIET = ("--from", "2026-09-21", "--to", "2026-09-27")


def run(url: str, *arguments: str, code: int = 0) -> Any:
    done = RUNNER.invoke(app, [*arguments, "--store", url])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def said(url: str, *arguments: str) -> Any:
    return json.loads(run(url, *arguments, "--json"))


def from_the_west() -> gpd.GeoDataFrame:
    grids = draw(3, *COMMUNITIES).grids
    return grids.iloc[np.argsort(grids.geometry.representative_point().x.to_numpy())]


def matters() -> pd.DataFrame:
    """Return 12 calls a day over 150 days, each of 20 minutes or so; in the last week noise triples in the west."""
    rng = np.random.default_rng(5)
    points = from_the_west().geometry.representative_point().to_crs(4326)
    day = np.concatenate([np.repeat(np.arange(150), 12), rng.integers(143, 150, 120)])
    at = pd.Timestamp("2026-05-29T08:00") + pd.to_timedelta(day * 1440 + rng.integers(0, 600, len(day)), "min")
    grid = np.concatenate([rng.integers(0, len(points), 1800), rng.integers(0, 6, 120)])
    kind = np.concatenate([rng.choice(["噪音扰民", "暴露垃圾", "供水停水"], 1800), np.repeat("噪音扰民", 120)])
    return pd.DataFrame(
        {
            "工单编号": [f"R{number:05d}" for number in range(len(day))],
            "受理时间": at.astype(str),
            "类别": kind,
            "经度": points.x.to_numpy()[grid].round(7),
            "纬度": points.y.to_numpy()[grid].round(7),
            "minutes": rng.gamma(4, 5, len(day)).round(1),
        }
    ).astype(object)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    with Store.open(folder / "plans.sqlite", clock=Clock()) as store:
        store.publish(draw(3, *COMMUNITIES), by="王强")
        desk, ground = desk_of(store)
        desk.bring(matters(), LAYOUT.with_columns(["minutes=minutes"]), ground, by="李娜")
        store.backup(folder / "backup.sqlite")
    return folder / "backup.sqlite"


@pytest.fixture
def url(town: Path, tmp_path: Path) -> str:
    shutil.copy(town, tmp_path / "plans.sqlite")
    return str(tmp_path / "plans.sqlite")


def test_what_rose_and_where_it_gathers_is_named_and_nothing_else(url: str) -> None:
    found = said(url, "incidents", "rises", *WEEK)
    assert [row["category"] for row in found["found"]] == ["noise"]
    assert found["found"][0]["count"] > 3 * found["found"][0]["expected"]
    assert found["looked_at"] == 3
    assert "噪" in run(url, "incidents", "rises", *WEEK, "--lang", "zh")
    assert said(url, "incidents", "rises", *QUIET)["found"] == []
    west = set(from_the_west()["grid_code"][:6])
    risen = said(url, "incidents", "rises", *WEEK, "--of", "grid")["found"]
    assert risen
    assert {row["grid_code"] for row in risen} <= west
    spots = said(url, "incidents", "hot-spots", *WEEK)
    hot = {row["grid_code"] for row in spots["found"] if row["spot"] == "hot"}
    assert len(hot & west) >= 3
    assert spots["looked_at"] == len(draw(3, *COMMUNITIES).grids)
    assert "热点" in run(url, "incidents", "hot-spots", *WEEK, "--lang", "zh")
    assert said(url, "incidents", "hot-spots", *QUIET)["found"] == []


def test_the_page_says_commands_that_run(url: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "statistics.md"
    (block,) = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert {line[2] for line in lines} == {"rises", "hot-spots", "effort"}
    for program, *arguments in lines:
        assert program == "gridplan"
        assert run(url, *arguments)


def test_the_effort_is_a_table_for_the_rules(url: str) -> None:
    period = ("--from", "2026-05-29", "--to", "2026-10-25")
    for lang in ("en", "zh"):
        work = tomllib.loads(run(url, "incidents", "effort", *period, "--lang", lang))["work"]
        assert work["per_incident"] == pytest.approx(20, abs=1)
        assert work["incident_months"] == pytest.approx(150 / 30.44, abs=0.01)
    told = said(url, "incidents", "effort", *period)
    assert told["per_incident"]["low"] < 20 < told["per_incident"]["high"]
    assert told["deviance_explained"] < 1
    assert told["timed"] == 1920


def test_the_report_says_what_rose_and_is_quiet_of_what_is_not_known(url: str, tmp_path: Path) -> None:
    from datetime import date

    from gridplan.cli.findings import remarks
    from gridplan.incidents.handling import read_handling
    from gridplan.incidents.store.grounds import ground_in_force

    with Store.open(url) as store:
        ground, rules = ground_in_force(store), read_handling()
        lines = remarks(store, rules, (date(2026, 10, 19), date(2026, 10, 25)), "", ground, "zh")
        assert lines[0].startswith("显著上升：")
        assert lines[1].startswith("事件聚集于：")
        early = remarks(store, rules, (date(2026, 6, 1), date(2026, 6, 7)), "", ground, "en")
        assert len(early) == 1, "three days of the past tell no rise"
    run(url, "report", *WEEK, "-o", str(tmp_path / "week.pdf"))
    assert (tmp_path / "week.pdf").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rises", "--from", "2026-06-01", "--to", "2026-06-02"], "at least 56 days before"),
        (["rises", "--from", "1700-06-01", "--to", "2026-06-02"], "expected years"),
        (["hot-spots", "--from", "2026-06-03", "--to", "2026-06-02"], "not before the first"),
        (["hot-spots", "--from", "2026-06-01", "--to", "2026-06-02", "--category", "x"], "a code of the tree"),
    ],
)
def test_what_cannot_be_told_is_said_and_ends_with_2(url: str, arguments: list[str], said: str) -> None:
    assert said in run(url, "incidents", *arguments, code=2)


def test_few_timed_matters_make_no_rule() -> None:
    grids = pd.DataFrame({"grid_code": ["a", "b"], "households": [100, 300]})
    rows = pd.DataFrame({"grid_code": ["a", "b"], "category": "noise", "minutes": [10.0, 30.0]})
    found = unit_costs(grids, rows, pd.Series({"noise": 20.0}), 2.0, np.random.default_rng(1))
    assert found.to_rules() == {}
    assert found.per_household is not None
    assert found.per_household.value == pytest.approx(40 / 2 / 400)
    assert found.per_person is None
    none = unit_costs(grids, rows.assign(minutes=np.nan), pd.Series({"noise": 20.0}), 2.0, np.random.default_rng(1))
    assert none.per_incident is None
