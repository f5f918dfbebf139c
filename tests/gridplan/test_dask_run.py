"""A real scheduler and workers: the plans of one process, whoever is killed; nothing hangs; errors say what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn import A, B, box, district, houses
from numpy.random import default_rng
from typer.testing import CliRunner

from gridplan import dask_run, run
from gridplan.cli import app
from gridplan.errors import ClusterError, RulesError
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules, rules_from
from gridplan.run import plan_sites
from gridplan.sites import Sites, build_sites
from gridplan.sources import read_source
from gridplan.synthetic import make_district, write_bubenec, write_district

distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
UP_S = 60.0


class Cluster:
    """A scheduler on this machine, in a process of its own like each worker."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.processes = [self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")]
        _until(self.file.exists)
        self.address = str(json.loads(self.file.read_text("utf-8"))["address"])

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(self.file)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def add_workers(self, count: int) -> None:
        """Start workers until there are so many."""
        with self.client() as client:
            for _ in range(count - len(client.nthreads())):
                self.processes.append(
                    self._start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
                )
            client.wait_for_workers(count, timeout=UP_S)

    def client(self) -> Any:
        return distributed.Client(self.address, set_as_default=False, timeout=UP_S)

    def kill_worker(self) -> None:
        """End a worker that has communities to plan, as the kernel ends one that takes too much memory."""
        with self.client() as client:
            busy = [worker for worker, tasks in client.processing().items() if tasks]
            assert busy
            os.kill(client.run(os.getpid, workers=busy[:1])[busy[0]], signal.SIGKILL)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def _until(ready: Callable[[], object]) -> None:
    until = time.monotonic() + UP_S
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("dask"))
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def two(cluster: Cluster) -> Cluster:
    """Return a cluster of two workers, whoever was killed before."""
    cluster.add_workers(2)
    return cluster


def sites() -> Sites:
    """Return two communities that take no time."""
    shapes = houses(2, 1) + houses(4, 1, west=200)
    return build_sites(district(shapes, 200, {A: box(0, 0, 200, 100), B: box(200, 0, 600, 100)}), Rules())


@pytest.mark.slow
def test_one_process_two_and_a_cluster_that_loses_a_worker_give_the_same_plan(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WORTH_A_PROCESS", 1)
    town = read_source(
        write_district(make_district(default_rng(5), n_communities=9, households=12_000), tmp_path / "town.gpkg")
    )
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int, code: str) -> None:
        told.append((done, total))
        if done == 1:
            two.kill_worker()

    def planned(**how: Any) -> Plan:
        return build_plan(town, rules_from(town.rules), effort="quick", **how)

    alone, both = planned(jobs=1), planned(jobs=2)
    afar = planned(cluster=two.address, progress=progress)
    with two.client() as client:
        assert len(client.nthreads()) == 1
    assert told == [(done, 9) for done in range(1, 10)]
    assert len({plan.report["labels_digest"] for plan in (alone, both, afar)}) == 1
    assert afar.units.geometry.geom_equals_exact(alone.units.geometry, 0.0).sum() == alone.units.geometry.notna().sum()


def test_an_error_on_a_worker_is_the_callers(two: Cluster) -> None:
    with pytest.raises(RulesError, match="9 grids are set"):
        plan_sites(
            build_sites(district(houses(4, 1), 200, {A: box(0, 0, 400, 100)}), rules_from({"n_grids": {A: 9}})).sites,
            Rules(),
            jobs=1,
            cluster=two.address,
        )


def test_ctrl_c_leaves_the_workers_idle(two: Cluster) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_sites(sites().sites, Rules(), jobs=1, cluster=two.address, progress=interrupted)
    with two.client() as client:
        _until(lambda: not any(client.processing().values()))
        assert client.who_has() == {}


def test_workers_with_another_gridplan_are_refused(two: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_run, "__version__", "99.0")
    with pytest.raises(ClusterError, match=r"expected gridplan 99\.0 on every worker, as here; tcp://.* has \d"):
        plan_sites(sites().sites, Rules(), jobs=1, cluster=two.address)


def test_workers_that_all_go_are_not_waited_for_for_ever(two: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_run, "LOOK_S", 0.1)
    monkeypatch.setattr(dask_run, "ALONE_S", 0.5)

    with two.client() as client:
        pids = list(client.run(os.getpid).values())

    def none_left(*_: object) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(ClusterError, match="all Dask workers have been gone"):
        plan_sites(sites().sites * 8, Rules(), jobs=1, cluster=two.address, progress=none_left)


def test_a_scheduler_without_workers_says_how_to_start_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_run, "JOIN_S", 0.5)
    empty = Cluster(tmp_path)
    try:
        with pytest.raises(ClusterError, match=f"found none within .*dask worker {empty.address}"):
            plan_sites(sites().sites, Rules(), jobs=1, cluster=empty.address)
    finally:
        empty.stop()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "ftp://x"])
def test_no_scheduler_there_says_so(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_run, "CONNECT_S", 1.0)
    with pytest.raises(ClusterError, match=f"expected a Dask scheduler at {address}; found none"):
        plan_sites(sites().sites, Rules(), jobs=1, cluster=address)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"gridplan\[dask\]"):
        plan_sites(sites().sites, Rules(), jobs=1, cluster="tcp://127.0.0.1:9")


def test_the_command_says_that_no_scheduler_answers_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_run, "CONNECT_S", 1.0)
    source, output = write_bubenec(tmp_path / "town.gpkg"), tmp_path / "plan.gpkg"
    done = CliRunner().invoke(app, ["plan", str(source), "-o", str(output), "--dask", "tcp://127.0.0.1:9"])
    assert done.exit_code == 2
    assert "expected a Dask scheduler at tcp://127.0.0.1:9" in done.output
    assert not list(tmp_path.glob("plan*"))
