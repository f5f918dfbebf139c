"""What stands out over HTTP: what was planted, within the scope alone; the operator's file of handling is obeyed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, middle, our_plan
from typer.testing import CliRunner

from api.app import create_app
from api.settings import Settings
from gridplan.cli import app as commands
from gridplan.errors import RulesError
from gridplan.incidents.mapping import Layout
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.findings import Findings, risen
from gridplan.incidents.store.grounds import ground_of_plans
from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
WEEK = {"from": "2026-10-19", "to": "2026-10-25"}


def bring_noise(city: City) -> None:
    """Bring four calls a day over 100 days into our first grid, and 60 more in the last week."""
    days = np.concatenate([np.repeat(np.arange(100), 4), 93 + np.arange(60) % 7])
    lon, lat = middle(our_plan(), 0)
    at = pd.Timestamp("2026-07-18T09:00") + pd.to_timedelta(days, "D")
    rows = {"工单编号": [f"N{n}" for n in range(len(days))], "受理时间": at.astype(str), "类别": "噪音扰民"}
    frame = pd.DataFrame({**rows, "经度": lon, "纬度": lat}).astype(object)
    Incidents(city.store).bring(frame, Layout(source="热线"), ground_of_plans(city.store, [city.ours]), by="李娜")


def test_what_rose_is_told_to_those_whose_district_it_is(city: City, asking: Asking) -> None:
    bring_noise(city)
    found = asking(Role.VIEWER, OURS).get("/v1/stats/rises", params=WEEK)
    assert found.status_code == 200, found.text
    [row] = found.json()["found"]
    assert (row["category"], row["count"]) == ("noise", 88)
    assert 24 < row["expected"] < 32
    by_grid = asking(Role.VIEWER, OURS).get("/v1/stats/rises", params={**WEEK, "by": "grid"}).json()
    assert [each["grid_code"] for each in by_grid["found"]] == [our_plan().grids["grid_code"].iloc[0]]
    theirs = asking(Role.VIEWER, THEIRS).get("/v1/stats/rises", params=WEEK).json()
    assert theirs["found"] == []
    assert "found none" in theirs["too_few"]
    spots = asking(Role.VIEWER, OURS).get("/v1/stats/hot-spots", params=WEEK).json()
    assert spots["found"] == []
    assert "at least 8 grids" in spots["too_few"], "our district has four"


def test_what_is_asked_again_is_worked_out_once_until_an_incident_changes(
    city: City, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time, whoever asks; lookups go on meanwhile, whatever number of questions waits."""
    bring_noise(city)
    client, under_way, most, done = asking(Role.VIEWER, OURS), [0], [0], []

    def counted(*where: object, **more: object) -> Findings:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        assert client.get("/v1/locate", params={"lon": 0, "lat": 0}).status_code == 200
        done.append(where)
        under_way[0] -= 1
        return risen(*where, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("api.held_findings.risen", counted)

    def told(_: object = None, **more: str) -> int:
        return int(client.get("/v1/stats/rises", params={**WEEK, **more}).json()["found"][0]["count"])

    with ThreadPoolExecutor(8) as callers:
        assert set(callers.map(told, range(8))) == {88}
    assert (len(done), most[0]) == (1, 1)
    assert told(by="grid") == 88
    lon, lat = middle(our_plan(), 0)
    again = {"category": "noise", "lon": lon, "lat": lat, "reported_at": "2026-10-25T10:00:00+08:00"}
    assert asking(Role.DISPATCHER, OURS).post("/v1/incidents", json=again).status_code == 201
    assert (told(), len(done)) == (89, 3)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2026-10-19", "to": "2026-10-18"}, "not before the first"),
        ({"from": "0001-01-01", "to": "2026-10-18"}, "expected years"),
        ({"category": "nothing"}, "a code of the tree"),
    ],
)
@pytest.mark.parametrize("name", ["rises", "hot-spots"])
def test_what_cannot_be_asked_is_a_problem(asking: Asking, name: str, asked: dict[str, str], said: str) -> None:
    answer = asking().get(f"/v1/stats/{name}", params=asked)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_operators_file_says_how_matters_are_handled(city: City, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[categories.drone]\nzh = "无人机"\nen = "Drones"\n', "utf-8")
    url = city.store.engine.url.render_as_string(hide_password=False)
    service = create_app(Settings(database_url=url, handling=own, poll_s=3600, jobs=0), clock=city.clock)
    lon, lat = middle(our_plan(), 0)
    with TestClient(service, headers={"X-API-Key": city.key(Role.DISPATCHER)}) as client:
        assert "无人机" in client.get("/v1/incidents/handling").text
        opened = client.post("/v1/incidents", json={"category": "drone", "lon": lon, "lat": lat})
        assert opened.json()["category"] == "drone"


@pytest.mark.parametrize("text", ["colums = 1", "categories = 3", 'soon_share = "much"', "["])
def test_a_broken_file_refuses_the_start(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(RulesError, match=r"own\.toml"):
        create_app(Settings(database_url="sqlite:///never-opened.sqlite", handling=own))
    monkeypatch.setenv("GRIDPLAN_HANDLING", str(own))
    done = CliRunner().invoke(commands, ["serve", "--store", str(tmp_path / "plans.sqlite")])
    assert done.exit_code == 2, done.output
    assert "own.toml" in done.output
    assert not (tmp_path / "plans.sqlite").exists()
