"""Jobs over HTTP: asked for by name of source, one for each ground, told of as they go on, seen in their scope."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawn import box, district, house
from fastapi.testclient import TestClient
from served import OUR_COMMUNITIES, OURS, THEIRS, City, listening

from api.app import create_app
from api.settings import Settings
from gridplan.errors import RulesError
from gridplan.jobs import Job, Jobs
from gridplan.jobs.process import Order, run
from gridplan.jobs.registry import read_registry
from gridplan.sources.write import write_source
from gridplan.store.keys import Role

STREET = f"{OURS}001"
REGISTRY = """
[wucui]
path = "wucui.gpkg"
scope = "230718001"
title = "乌翠区"
[theirs]
path = "nowhere.gpkg"
scope = "230717005"
"""


def write_ground(folder: Path, households: int) -> Path:
    """Write a source of the ground that our plan has, with other households."""
    ground = {code: box(400 * place, 0, 400 * place + 400, 300) for place, code in enumerate(OUR_COMMUNITIES)}
    shapes = [house(400 * n + x, y, 16) for n in range(2) for x in range(33, 400, 66) for y in range(37, 300, 75)]
    write_source(district(shapes, households, ground), folder / "wucui.gpkg")
    path = folder / "sources.toml"
    path.write_text(REGISTRY, encoding="utf-8")
    return path


class Served:
    """A service whose jobs the tests run themselves, in their own process, when they want."""

    def __init__(self, city: City, client: TestClient, sources: Path) -> None:
        self.city, self.client, self.sources = city, client, sources

    def be(self, role: Role, scope: str) -> TestClient:
        self.client.headers["X-API-Key"] = self.city.key(role, scope)
        self.client.app.state.watch.look()  # type: ignore[attr-defined]
        return self.client

    def run_next(self) -> Job:
        job = Jobs(self.city.store.engine).claim(1)
        assert job is not None
        url = self.city.store.engine.url.render_as_string(hide_password=False)
        run(Order(job.job_id, str(job.token), url, sources=str(self.sources)))
        return Jobs(self.city.store.engine).get(job.job_id)


@pytest.fixture
def served(city: City, tmp_path: Path) -> Iterator[Served]:
    sources = write_ground(tmp_path, 40)
    url = city.store.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, poll_s=3600, jobs=0, sources=sources, job_limit_s=77)
    with TestClient(create_app(settings, clock=city.clock), raise_server_exceptions=False) as client:
        yield Served(city, client, sources)


def test_a_source_is_planned_and_revised_by_jobs_and_codes_follow_the_plan_in_force(served: Served) -> None:
    client, city = served.be(Role.PLANNER, OURS), served.city
    assert client.get("/v1/sources").json()["sources"] == [{"name": "wucui", "title": "乌翠区", "scope": STREET}]
    asked = {"source": "wucui", "rules": {"maximum": 450}, "effort": "quick", "name": "三季度", "reason": "新数据"}
    answer = client.post("/v1/plans", json=asked, headers={"X-Request-ID": "abc-7"})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['job_id']}"
    assert (job["state"], job["stage"], job["scope"], job["limit_s"]) == ("queued", "waiting", STREET, 77)
    busy = client.post("/v1/plans", json=asked)
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:gridplan:problem:conflict")
    assert job["job_id"] in busy.json()["detail"]
    assert client.post(f"/v1/plans/{city.draft}/replan", json={}).status_code == 409, "of the same communities"
    assert served.run_next().error is None
    done = client.get(f"/v1/jobs/{job['job_id']}").json()
    assert (done["state"], done["stage"], done["done"], done["total"]) == ("done", "", 2, 2)
    made = city.store.load(done["plan_id"])
    assert made.report["rules"]["maximum"] == 450
    assert made.grids["households"].sum() == 40 * 48
    in_force = set(city.store.load(city.ours).grids["grid_code"])
    kept = made.lineage[made.lineage["change"].isin(["unchanged", "changed"])]
    assert set(kept["new_code"]) <= in_force
    assert len(kept)
    told = [(e.action, e.request_id) for e in city.store.audit.entries() if e.request_id == "abc-7"]
    assert sorted(told) == [("job.create", "abc-7"), ("job.done", "abc-7"), ("plan.save", "abc-7")]
    assert client.post(f"/v1/plans/{done['plan_id']}/publish", json={}).json()["state"] == "published"
    write_ground(served.sources.parent, 44)
    revised = client.post(f"/v1/plans/{done['plan_id']}/revise", json={"effort": "quick"})
    assert revised.status_code == 202, revised.text
    result = served.run_next()
    assert result.error is None
    assert (result.request["source"], result.request["revise"]) == ("wucui", {"mode": "repair"})
    again = city.store.load(str(result.plan_id))
    assert again.grids["households"].sum() == 44 * 48
    assert client.post(f"/v1/plans/{result.plan_id}/publish", json={}).status_code == 200


def test_a_job_is_told_of_while_it_goes_on(served: Served) -> None:
    client = served.be(Role.PLANNER, OURS)
    job_id = client.post(f"/v1/plans/{served.city.draft}/replan", json={"effort": "quick"}).json()["job_id"]
    timer = threading.Timer(0.7, served.run_next)
    timer.start()
    with client.stream("GET", f"/v1/jobs/{job_id}/events") as lines:
        assert lines.headers["content-type"].startswith("text/event-stream")
        events = list(parsed(lines.iter_lines()))
    timer.join()
    assert events[0][0] == "queued"
    assert events[-1][0] in {"done", "failed"}
    assert [job["job_id"] for _, job in events] == [job_id] * len(events)
    assert len({job["state"] + job["stage"] for _, job in events}) >= 2


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_jobs_are_cancelled_and_resumed_and_seen_in_their_scope_alone(served: Served) -> None:
    client, city = served.be(Role.PLANNER, OURS), served.city
    job_id = client.post(f"/v1/plans/{city.draft}/replan", json={}).json()["job_id"]
    path = f"/v1/jobs/{job_id}"
    assert client.delete(path).json()["state"] == "cancelled"
    assert client.delete(path).status_code == 409
    assert client.post(f"{path}/resume").json()["state"] == "queued"
    assert client.post(f"{path}/cancel").json()["resumable"] is True
    mine = client.get("/v1/jobs").json()["jobs"]
    assert {job["job_id"] for job in mine} == {job_id, city.our_job}
    stranger = served.be(Role.PLANNER, THEIRS)
    assert [job["job_id"] for job in stranger.get("/v1/jobs").json()["jobs"]] == [city.their_job]
    for method, way in (("get", ""), ("delete", ""), ("get", "/events"), ("post", "/cancel"), ("post", "/resume")):
        answer = stranger.request(method, path + way)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:gridplan:problem:not-found")
    assert stranger.get("/v1/sources").json()["sources"][0]["name"] == "theirs"
    assert stranger.post("/v1/plans", json={"source": "wucui"}).status_code == 400


WRONG: list[tuple[Any, str]] = [
    ({}, "expected base or source; found neither"),
    ({"base": "in-force", "source": "wucui"}, "found both"),
    ({"base": "in-force", "effort": "best"}, "a branch is made as its base is"),
    ({"source": "../../etc/passwd"}, "no source"),
    ({"source": "theirs"}, "no source 'theirs' is registered"),
    ({"source": "wucui", "rules": {"minimun": 3}}, "did you mean 'minimum'"),
    ({"source": "wucui", "effort": "hard"}, "effort"),
]


def test_what_cannot_be_asked_for_is_refused_at_once(served: Served) -> None:
    client = served.be(Role.PLANNER, OURS)
    for body, says in WRONG:
        answer = client.post("/v1/plans", json=body)
        assert answer.status_code == 400, answer.text
        assert says in answer.json()["detail"]


def test_faults_of_a_source_are_told_without_where_it_lies(served: Served) -> None:
    client = served.be(Role.PLANNER, OURS)
    write_ground(served.sources.parent, -4)
    client.post("/v1/plans", json={"source": "wucui"})
    failed = served.run_next()
    error = client.get(f"/v1/jobs/{failed.job_id}").json()["error"]
    assert error["kind"] == "bad-input"
    assert "negative-households" in {fault["code"] for fault in error["faults"]} or error["faults"]
    assert str(served.sources.parent) not in json.dumps(error)


def test_a_source_of_other_ground_than_it_is_registered_for_fails(served: Served) -> None:
    text = REGISTRY.replace('scope = "230718001"', 'scope = "230718002"')
    served.sources.write_text(text, encoding="utf-8")
    served.client.app.state.sources = read_registry(served.sources)  # type: ignore[attr-defined]
    served.be(Role.PLANNER, OURS).post("/v1/plans", json={"source": "wucui"})
    error = served.run_next().error or {}
    assert (error["kind"], "other codes" in error["detail"]) == ("rules", True)


def test_a_registry_tells_all_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text('[a]\npath = 3\nscop = "1"\n["b/c"]\npath = "x"\nscope = "1"\n')
    with pytest.raises(RulesError) as caught:
        read_registry(path)
    for said in ("[a] lacks scope", "path: expected str; found 3", "did you mean scope", "[b/c]: expected a name"):
        assert said in str(caught.value)
    assert read_registry(None) == {}
    assert replace(read_registry(write_ground(tmp_path, 9))["wucui"], title="").scope == STREET


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl to run the commands of docs/jobs.md with")
def test_the_commands_of_the_page_do_what_it_says(served: Served) -> None:
    text = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text("utf-8")
    begin, edit, revise, events = re.findall(r"^curl .*$", text, re.M)
    served.be(Role.PLANNER, OURS)
    known = {"KEY": str(served.client.headers["X-API-Key"])}

    def run_in_shell(command: str, address: str) -> str:
        there = command.replace("http://127.0.0.1:8000", address).replace("curl ", "curl -sS --fail-with-body ", 1)
        done = subprocess.run(["bash", "-c", there], env={**os.environ, **known}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with listening(served.client.app) as address:
        known["PLAN"] = json.loads(run_in_shell(begin, address))["plan_id"]
        assert json.loads(run_in_shell(edit, address))["revision"] == 1
        known["JOB"] = json.loads(run_in_shell(revise, address))["job_id"]
        served.run_next()
        assert "event: done" in run_in_shell(events, address)
