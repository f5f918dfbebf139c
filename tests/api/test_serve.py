"""``gridplan serve`` as an operator runs it: real processes, a real port, a real server behind, and kills."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from processes import PATIENCE_S, Service, patiently, served
from served import City, middle, our_plan

from gridplan.store import Store

ROOT = Path(__file__).parents[2]


def workers_of(pid: int) -> set[int]:
    """Return the processes of a supervisor that answer: not the one that tracks resources."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_text()
            except OSError:
                continue
            if parent == pid and "spawn_main" in command:
                found.add(int(entry.name))
    return found


class Askers:
    """Several callers who ask single points and batches until they are stopped."""

    def __init__(self, service: Service, points: list[tuple[float, float]]) -> None:
        self.service, self.points = service, points
        self.answers: list[tuple[int, frozenset[str]]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(4)]

    def _ask(self, number: int) -> None:
        while not self._stop.is_set():
            if number % 2:
                status, said, _ = self.service.ask("/v1/locate/batch", {"points": self.points})
                plans = frozenset(each["plan_id"] for each in said["results"]) if status == 200 else frozenset()
            else:
                lon, lat = self.points[0]
                status, said, _ = self.service.ask(f"/v1/locate?lon={lon}&lat={lat}")
                plans = frozenset([said["plan_id"]]) if status == 200 else frozenset()
            self.answers.append((status, plans))

    def __enter__(self) -> Askers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_two_workers_swap_plans_survive_a_kill_and_end_after_their_last_answers(city: City, tmp_path: Path) -> None:
    points = [middle(our_plan(), row) for row in range(len(our_plan().grids))]
    with served(str(tmp_path / "plans.sqlite"), "--workers", "2") as service:
        service.until("/health/ready", 200)
        service.secret = city.key()
        patiently(lambda: _count(service, "gridplan_ready"), lambda ready: ready == 2)
        time.sleep(0.5)  # both have looked at the store since the key was made
        with Askers(service, points) as askers:
            patiently(lambda: len(askers.answers), lambda count: count > 20)
            merged = city.store.begin(city.ours).by("李娜").merge(*our_plan().grids["grid_code"].iloc[:2], force=True)
            with Store.open(city.store.engine.url.render_as_string(hide_password=False)) as now:
                later = now.publish(merged, by="王强").plan_id
            patiently(lambda: askers.answers[-8:], lambda last: {plans for _, plans in last} == {frozenset([later])})
        assert {status for status, _ in askers.answers} == {200}
        assert {plans for _, plans in askers.answers} == {frozenset([city.ours]), frozenset([later])}, "none is mixed"
        answered = _count(service, "gridplan_lookups_total")
        assert answered >= len(askers.answers), "of both workers"
        first = workers_of(service.process.pid)
        assert len(first) == 2
        os.kill(min(first), signal.SIGKILL)
        patiently(lambda: workers_of(service.process.pid) - {min(first)}, lambda left: len(left) == 2)
        patiently(lambda: [service.ask("/v1/plans")[0] for _ in range(12)], lambda found: set(found) == {200})
        _drained(service, points)
        assert not any("Traceback" in line for line in service.said)
        lines = [json.loads(line) for line in service.said if line.startswith("{")]
        assert any(line.get("route") == "/v1/locate/batch" for line in lines)
        assert service.secret not in "".join(service.said)


def _drained(service: Service, points: list[tuple[float, float]]) -> None:
    """Stop the service while it answers a large batch: the answer comes whole, then it ends with code 0."""
    many = (points * 10_000)[:10_000]
    answers: list[tuple[int, int]] = []

    def ask() -> None:
        status, said, _ = service.ask("/v1/locate/batch", {"points": many})
        answers.append((status, said["count"] if status == 200 else 0))

    caller = threading.Thread(target=ask)
    caller.start()
    # The one that asks for the count is among those under way.
    patiently(lambda: _count(service, "gridplan_requests_in_flight"), lambda count: count >= 2 or not caller.is_alive())
    service.process.send_signal(signal.SIGTERM)
    caller.join()
    assert answers == [(200, 10_000)]
    assert service.process.wait(PATIENCE_S) == 0


def _count(service: Service, name: str) -> float:
    """Return a count of the service, summed over what it is told apart by."""
    text = service.ask("/metrics")[1]
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)", str(text), re.M))


@pytest.mark.postgis
@pytest.mark.skipif(not os.environ.get("GRIDPLAN_TEST_POSTGIS"), reason="GRIDPLAN_TEST_POSTGIS names no server")
def test_a_server_that_comes_late_dies_and_comes_back() -> None:
    """Before the store is there the service lives and is not ready; while it is gone, lookups go on."""
    folder = (
        Path("/tmp") / f"gridplan-serve-{os.getpid()}"
    )  # a server's socket needs a short path that others may enter

    def server(what: str) -> str:
        done = subprocess.run(
            [ROOT / "scripts" / "postgis.sh", what, folder], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        url = server("start")
        with Store.open(url) as store:
            plan = store.publish(our_plan(), by="王强").plan_id
        _kill(folder)
        with served(url) as service:
            service.until("/health/live", 200)
            status, said, headers = service.until("/health/ready", 503)
            assert (said["type"], headers["retry-after"]) == ("urn:gridplan:problem:unavailable", "5")
            assert service.ask("/v1/locate?lon=1&lat=1")[0] == 503
            server("run")
            service.until("/health/ready", 200)
            service.secret = patiently(lambda: _first_key(service.said), bool)
            lon, lat = middle(our_plan(), 0)
            place = f"/v1/locate?lon={lon}&lat={lat}"
            assert service.until(place, 200)[1]["plan_id"] == plan
            _kill(folder)
            service.until("/health/ready", 503)
            assert service.ask(place)[0] == 200, "from memory"
            status, said, headers = service.ask("/v1/audit")
            assert (status, headers["retry-after"]) == (503, "5")
            assert "127.0.0.1" not in json.dumps(said)
            server("run")
            service.until("/health/ready", 200)
            assert service.until("/v1/audit", 200)[1]["records"]
    finally:
        server("stop")
        shutil.rmtree(folder, ignore_errors=True)


def _kill(folder: Path) -> None:
    """Kill a server as a power cut would, with all its processes."""
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    patiently(lambda: Path(f"/proc/{pid}").exists(), lambda there: not there)


def _first_key(said: list[str]) -> str:
    found = re.search(r"gp_\w+_[\w-]+", "".join(said))
    return found[0] if found else ""
