"""The queue on both databases: one job a community, one process a job, silence noticed, results of others refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stored import Clock

from gridplan.errors import JobConflictError, JobLostError, JobStateError, NotInStoreError
from gridplan.jobs import Job, Jobs, JobState, Kind
from gridplan.jobs.queue import LEASE_S
from gridplan.store import Store
from gridplan.store.engine import writing


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def queue(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Jobs]:
    url = tmp_path / "jobs.sqlite" if request.param == "sqlite" else request.getfixturevalue("server")()
    with Store.open(url, clock=clock) as store:
        yield Jobs(store.engine, clock)


def add(queue: Jobs, *holds: str, **more: Any) -> Job:
    wanted = {"scope": holds[0], "holds": holds, "request": {"rules": {"minimum": 1}}, "by": "李娜", "limit_s": 60.0}
    return queue.add(Kind.PLAN, **{**wanted, **more})


def test_a_community_is_planned_by_one_job_at_a_time_and_the_other_is_named(queue: Jobs, clock: Clock) -> None:
    first = add(queue, "230718001")
    for holds in (("230718001",), ("230718001002",), ("230718",), ("230717", "230718001001")):
        with pytest.raises(JobConflictError, match=f"job {first.job_id} .*李娜") as caught:
            add(queue, *holds)
        assert caught.value.job == first
    add(queue, "230718002")
    queue.cancel(first.job_id, by="李娜")
    clock.forward(seconds=1)
    again = add(queue, "230718001001")
    with pytest.raises(JobConflictError, match=again.job_id):
        queue.resume(first.job_id, by="李娜")
    assert [job.state for job in queue.all("230718001")] == [JobState.QUEUED, JobState.CANCELLED]
    assert {job.scope for job in queue.all("230718")} == {"230718001", "230718002", "230718001001"}
    assert [job.scope for job in queue.all(state=JobState.CANCELLED)] == ["230718001"]


def test_of_many_who_claim_one_gets_a_job_and_never_more_run_than_may(queue: Jobs, clock: Clock) -> None:
    for scope in ("1101", "1102", "1103"):
        add(queue, scope)
        clock.forward(seconds=1)
    with ThreadPoolExecutor(6) as pool:
        found = [job for job in pool.map(queue.claim, [2] * 12) if job is not None]
    assert sorted(job.scope for job in found) == ["1101", "1102"], "the oldest two"
    assert len({job.token for job in found}) == 2
    assert queue.claim(2) is None
    assert queue.fail(found[0], {"kind": "internal", "detail": "x"})
    third = queue.claim(2)
    assert third is not None
    assert third.scope == "1103"


def test_a_silent_process_loses_its_job_once_and_its_result_is_refused(queue: Jobs, clock: Clock) -> None:
    job_id = add(queue, "1101").job_id
    first = queue.claim(1)
    assert first is not None
    clock.forward(seconds=LEASE_S - 1)
    assert queue.beat(first)
    clock.forward(seconds=LEASE_S - 1)
    assert queue.claim(1) is None, "it lives"
    clock.forward(seconds=2)
    second = queue.claim(1)
    assert second is not None
    assert (second.job_id, second.attempts) == (job_id, 2)
    assert not queue.beat(first)
    assert not queue.fail(first, {"kind": "internal", "detail": "x"})
    with pytest.raises(JobLostError):
        queue.tell(first, "planning", 1, 2)
    with pytest.raises(JobLostError), writing(queue.engine) as connection:
        queue.finish(connection, first, "nothing")
    queue.tell(second, "planning", 1, 2)
    assert (queue.get(job_id).stage, queue.get(job_id).done, queue.get(job_id).total) == ("planning", 1, 2)
    clock.forward(seconds=LEASE_S + 1)
    assert queue.claim(1) is None, "what two machines were lost with is not begun a third time"
    lost = queue.get(job_id)
    assert (lost.state, lost.resumable, (lost.error or {})["kind"]) == (JobState.FAILED, True, "worker-lost")
    resumed = queue.resume(job_id, by="王强")
    assert (resumed.state, resumed.error, resumed.attempts) == (JobState.QUEUED, None, 0)


def test_a_clock_that_is_set_back_holds_no_job_for_hours(queue: Jobs, clock: Clock) -> None:
    job_id = add(queue, "1101").job_id
    first = queue.claim(1)
    assert first is not None
    clock.forward(hours=-5)
    assert queue.claim(1) is None
    assert queue.beat(first), "it lives, and keeps its job"
    clock.forward(hours=-5)
    assert queue.claim(1) is None
    clock.forward(seconds=LEASE_S + 1)
    second = queue.claim(1)
    assert second is not None
    assert (second.job_id, second.attempts) == (job_id, 2), "it said nothing for as long as a lease is"


def test_what_is_given_back_waits_again_and_no_attempt_is_counted(queue: Jobs) -> None:
    add(queue, "1101")
    for _ in range(3):
        job = queue.claim(1)
        assert job is not None
        assert job.attempts == 1
        queue.give_back(job)
        queue.give_back(job)


def test_steps_that_a_state_does_not_allow_are_refused(queue: Jobs) -> None:
    job_id = add(queue, "1101").job_id
    with pytest.raises(JobStateError, match="is queued; only a failed or cancelled one"):
        queue.resume(job_id, by="x")
    queue.cancel(job_id, by="x")
    with pytest.raises(JobStateError, match="is cancelled; only one that waits or runs"):
        queue.cancel(job_id, by="x")
    assert queue.claim(1) is None
    with pytest.raises(NotInStoreError, match="there is no job 'nothing'"):
        queue.get("nothing")


def test_each_change_is_told_by_a_new_version(queue: Jobs) -> None:
    versions = [add(queue, "1101").version]
    job = queue.claim(1)
    assert job is not None
    versions.append(job.version)
    queue.tell(job, "planning", 1, 3)
    versions.append(queue.get(job.job_id).version)
    versions.append(queue.cancel(job.job_id, by="x").version)
    assert versions == sorted(set(versions))
