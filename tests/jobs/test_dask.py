"""Jobs that plan on a Dask cluster: the plan of one process, kept once, also when a worker is killed on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drawn import box, district, house
from test_dask_run import Cluster

from gridplan.jobs import Job, Jobs, JobState, Kind, process
from gridplan.jobs.process import Order, run
from gridplan.sources.write import write_source
from gridplan.store import Store

pytest.importorskip("distributed", reason="needs the extra `dask`")
SCOPE = "230718001"
CODES = [f"{SCOPE}{number:03d}" for number in range(1, 9)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    found = Cluster(tmp_path)
    try:
        found.add_workers(2)
        yield found
    finally:
        found.stop()


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a registry with eight communities of 24 houses each."""
    ground = {code: box(400 * place, 0, 400 * place + 400, 300) for place, code in enumerate(CODES)}
    shapes = [
        house(400 * place + x, y, 16)
        for place in range(len(CODES))
        for x in range(33, 400, 66)
        for y in range(37, 300, 75)
    ]
    households = np.random.default_rng(2).integers(20, 60, len(shapes))
    write_source(district(shapes, households, ground), tmp_path / "town.gpkg")
    path = tmp_path / "sources.toml"
    path.write_text(f'[town]\npath = "town.gpkg"\nscope = "{SCOPE}"\n', "utf-8")
    return path


def planned(store: Store, sources: Path, dask: str | None) -> Job:
    """Return the job that planned the town, here or on a cluster."""
    jobs = Jobs(store.engine)
    asked = {"source": "town", "effort": "quick"}
    jobs.add(Kind.PLAN, scope=SCOPE, holds=[SCOPE], request=asked, by="李娜", limit_s=600)
    job = jobs.claim(1)
    assert job is not None
    url = store.engine.url.render_as_string(hide_password=False)
    run(Order(job.job_id, str(job.token), url, sources=str(sources), dask=dask))
    return jobs.get(job.job_id)


def test_a_cluster_that_loses_a_worker_makes_the_same_plan_once(
    cluster: Cluster, store: Store, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = planned(store, sources, None)
    with cluster.client() as client:
        first, *_ = client.run(os.getpid).values()
    killed = []

    class Watched(process.Progress):
        def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
            super().__call__(stage, done, total)
            if done == 1 and not killed:
                os.kill(first, signal.SIGKILL)
                killed.append(first)

    monkeypatch.setattr(process, "Progress", Watched)
    afar = planned(store, sources, cluster.address)
    assert killed
    assert (afar.state, afar.error, afar.done, afar.total) == (JobState.DONE, None, len(CODES), len(CODES))
    one, other = (store.load(str(job.plan_id)) for job in (alone, afar))
    assert one.report["labels_digest"] == other.report["labels_digest"]
    assert one.grids.equals(other.grids)
    assert one.units.equals(other.units)
    assert len(store.plans()) == 2, "each job kept one draft"


def test_no_cluster_fails_the_job_and_says_why(store: Store, sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridplan.dask_run.CONNECT_S", 1.0)
    job = planned(store, sources, "tcp://127.0.0.1:9")
    error = job.error or {}
    assert (job.state, job.resumable, error["kind"]) == (JobState.FAILED, True, "cluster")
    assert "expected a Dask scheduler at tcp://127.0.0.1:9" in error["detail"]
    assert store.plans() == []
