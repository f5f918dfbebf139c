"""Jobs in processes of their own: done once, killed, cancelled, too slow, and begun again after a stop."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from stored import Clock

from gridplan.jobs import Job, Jobs, JobState, process
from gridplan.jobs.process import Order, run, told
from gridplan.jobs.supervisor import Supervisor
from gridplan.store import Store

Asked = Callable[..., Job]
PATIENCE_S = 90.0


@contextmanager
def supervising(store: Store) -> Iterator[Supervisor]:
    order = Order("", "", store.engine.url.render_as_string(hide_password=False))
    supervisor = Supervisor(Jobs(store.engine), order, every_s=0.05)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def until(store: Store, job_id: str, wanted: Callable[[Job], bool]) -> Job:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        job = Jobs(store.engine).get(job_id)
        if wanted(job):
            return job
        time.sleep(0.05)
    pytest.fail(f"job {job_id} is {job.state} after {PATIENCE_S} s: {job.error}")


def test_a_clock_that_is_set_ahead_takes_no_job_from_a_process_that_lives(
    store: Store, asked: Asked, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(store.engine, clock)
    sleeper = ["sleep", str(PATIENCE_S)]
    monkeypatch.setattr(Supervisor, "_started", lambda *_: subprocess.Popen(sleeper, start_new_session=True))
    supervisor = Supervisor(jobs, claimless())
    job_id = asked().job_id
    supervisor.look()
    before = jobs.get(job_id)
    clock.forward(hours=5)
    supervisor.look()
    after = jobs.get(job_id)
    supervisor.stop()
    assert (after.state, after.token, after.attempts) == (JobState.RUNNING, before.token, 1)


def running(job: Job) -> bool:
    return job.state == JobState.RUNNING


def test_a_job_that_was_killed_and_stopped_is_done_once(store: Store, draft: str, asked: Asked) -> None:
    job_id = asked().job_id
    with supervising(store) as supervisor:
        until(store, job_id, running)
        while job_id not in supervisor.processes:
            time.sleep(0.01)
        os.kill(supervisor.processes[job_id], signal.SIGKILL)
        failed = until(store, job_id, lambda job: job.state.over)
        assert (failed.state, failed.resumable) == (JobState.FAILED, True)
        assert (failed.error or {})["kind"] == "worker-died"
        assert "SIGKILL" in (failed.error or {})["detail"]
        assert store.info(draft).revision == 0, "nothing of it was kept"
        Jobs(store.engine).resume(job_id, by="李娜")
        until(store, job_id, running)
    assert Jobs(store.engine).get(job_id).state == JobState.QUEUED, "the service was stopped, and its job waits"
    with supervising(store), supervising(store):
        done = until(store, job_id, lambda job: job.state.over)
    assert (done.state, done.plan_id, done.error) == (JobState.DONE, draft, None)
    (edit,) = store.edits(draft)
    assert (edit.action, edit.author, store.info(draft).revision) == ("replan", "李娜", 1)
    assert [event.action for event in store.history(draft)] == ["save", "edit"]


def test_cancelling_ends_the_process(store: Store, draft: str, asked: Asked) -> None:
    job_id = asked().job_id
    with supervising(store) as supervisor:
        until(store, job_id, running)
        Jobs(store.engine).cancel(job_id, by="王强")
        end = time.monotonic() + PATIENCE_S
        while supervisor.processes and time.monotonic() < end:
            time.sleep(0.05)
        assert supervisor.processes == {}
    assert Jobs(store.engine).get(job_id).state == JobState.CANCELLED
    assert store.edits(draft) == []


def test_a_job_that_runs_too_long_is_ended(store: Store, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(process, "end_group", ended.set)
    asked(limit_s=0.0)
    job = Jobs(store.engine).claim(1)
    assert job is not None
    with process.Pulse(Jobs(store.engine), job):
        assert ended.wait(PATIENCE_S)
    error = Jobs(store.engine).get(job.job_id).error or {}
    assert (error["kind"], error["detail"]) == ("time-limit", "it ran longer than 0 s; nothing was kept")


def test_a_process_that_lost_its_job_ends_itself(store: Store, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(process, "end_group", ended.set)
    monkeypatch.setattr(process, "LEASE_S", 0.1)
    asked()
    job = Jobs(store.engine).claim(1)
    assert job is not None
    with process.Pulse(Jobs(store.engine), job):
        assert not ended.wait(0.3), "it is its own"
        Jobs(store.engine).cancel(job.job_id, by="王强")
        assert ended.wait(PATIENCE_S)


def claimed_order(store: Store) -> Order:
    job = Jobs(store.engine).claim(1)
    assert job is not None
    return Order(job.job_id, str(job.token), store.engine.url.render_as_string(hide_password=False))


@pytest.mark.parametrize(
    ("request_", "kind", "says"),
    [
        ({"codes": ["nothing"]}, "refused", "no grid nothing"),
        ({"rules": {"minimum": 9, "maximum": 1}}, "rules", "minimum"),
        ({"plan_id": "nowhere"}, "not-found", "nowhere"),
        ({"effort": "none such"}, "internal", "a fault of the service"),
    ],
)
def test_what_cannot_be_done_fails_with_the_reason(
    store: Store, asked: Asked, request_: dict[str, object], kind: str, says: str
) -> None:
    job_id = asked(**request_).job_id
    assert not run(claimed_order(store))
    error = Jobs(store.engine).get(job_id).error or {}
    assert error["kind"] == kind, error
    assert says in error["detail"]


def test_edits_made_meanwhile_are_not_overwritten(store: Store, draft: str, asked: Asked) -> None:
    from gridplan.jobs.work import Means, work
    from gridplan.store.engine import writing

    asked()
    job = Jobs(store.engine).claim(1)
    assert job is not None
    save = work(job, Means(store, {}), lambda *_: None)
    grids = store.load(draft).grids["grid_code"]
    store.save_edits(draft, store.load(draft).rename(grids[0], "花园网格", author="王强"))
    from gridplan.errors import StaleBaseError

    with pytest.raises(StaleBaseError, match="王强 edited"), writing(store.engine) as connection:
        save(connection, store._step("李娜", ""))
    assert [edit.action for edit in store.edits(draft)] == ["rename"]
    assert told(StaleBaseError("x", plan_id="", by="", at=job.created_at), claimless())["kind"] == "stale"


def claimless() -> Order:
    return Order("", "", "")
