"""The queue: jobs are asked for, claimed by one process at a time, told of, and over once; each step a transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gridplan.errors import JobConflictError, JobLostError, JobStateError, NotInStoreError
from gridplan.jobs.records import ACTIVE, Job, JobState, Kind
from gridplan.store import chain
from gridplan.store.engine import reading, writing
from gridplan.store.reader import Clock, utc_now
from gridplan.store.tables import jobs

# A process that says nothing for so long counts as dead; each says something three times as often.
LEASE_S = 30.0
# A job whose process vanished with the machine is begun again by itself, once: it may be what took the machine down.
MOST_ATTEMPTS = 2
LOST = {"kind": "worker-lost", "detail": "the process that ran it was lost, and the next one too; resume it"}


class Jobs:
    """
    The jobs of a store.

    Parameters
    ----------
    engine
        Of the store.
    clock
        Returns the moment, aware.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self.engine = engine
        self._clock = clock

    def add(
        self, kind: Kind, *, scope: str, holds: Iterable[str], request: Mapping[str, Any], by: str, limit_s: float
    ) -> Job:
        """
        Ask for a job.

        Parameters
        ----------
        kind, scope, holds, request, by, limit_s
            As of `Job`.

        Raises
        ------
        JobConflictError
            If another job plans some of that ground, or waits to; it is named.
        """
        held = tuple(holds)
        with writing(self.engine) as connection:
            _require_free(connection, held)
            now = self._clock()
            job_id, own = secrets.token_hex(8), {"kind": kind.value, "scope": scope, "by": by, "limit_s": limit_s}
            asked = {"holds": list(held), "request": dict(request), "created_at": now}
            row = {**own, **asked, **_waiting(), "version": 0, "attempts": 0}
            connection.execute(sa.insert(jobs).values(job_id=job_id, **row))
            chain.append(connection, "job.create", by, job_id, {"kind": kind.value}, at=now, scope=scope)
            return _one(connection, job_id)

    def get(self, job_id: str) -> Job:
        """Return a job; `NotInStoreError` where there is none."""
        with reading(self.engine) as connection:
            return _one(connection, job_id)

    def all(self, scope: str = "", *, state: JobState | None = None, limit: int = 100) -> list[Job]:
        """
        Return jobs that lie in a scope, newest first.

        Parameters
        ----------
        scope
            Prefix of codes.
        state
            Only those in this state.
        limit
            At most so many.
        """
        query = sa.select(jobs).where(sa.func.substr(jobs.c.scope, 1, len(scope)) == scope)
        if state is not None:
            query = query.where(jobs.c.state == state.value)
        newest = query.order_by(jobs.c.created_at.desc(), jobs.c.job_id).limit(limit)
        with reading(self.engine) as connection:
            return [_job(row) for row in connection.execute(newest)]

    def cancel(self, job_id: str, *, by: str) -> Job:
        """
        Stop a job: from now on no result of it is taken, and its process ends within seconds.

        Raises
        ------
        JobStateError
            If it is over.
        """
        with writing(self.engine) as connection:
            job = _one(connection, job_id)
            if job.state.over:
                raise JobStateError(f"job {job_id} is {job.state.value}; only one that waits or runs can be cancelled")
            now = self._clock()
            _change(connection, job, **_over(JobState.CANCELLED, now))
            chain.append(connection, "job.cancel", by, job_id, {}, at=now, scope=job.scope)
            return _one(connection, job_id)

    def resume(self, job_id: str, *, by: str) -> Job:
        """
        Begin a failed or cancelled job again, with what was asked for.

        Raises
        ------
        JobStateError
            If it is neither.
        JobConflictError
            If another job plans some of its ground by now.
        """
        with writing(self.engine) as connection:
            job = _one(connection, job_id)
            if not job.resumable:
                raise JobStateError(f"job {job_id} is {job.state.value}; only a failed or cancelled one can be resumed")
            _require_free(connection, job.holds)
            _change(connection, job, **_waiting(), attempts=0)
            chain.append(connection, "job.resume", by, job_id, {}, at=self._clock(), scope=job.scope)
            return _one(connection, job_id)

    def claim(self, at_once: int) -> Job | None:
        """
        Take the job that waits longest, if fewer than so many run; of all processes that try, one gets it.

        Parameters
        ----------
        at_once
            Jobs that may run at a time, on all machines together.
        """
        if not self._waiting():
            return None
        with writing(self.engine) as connection:
            now = self._clock()
            _shorten(connection, now)
            self._free_lost(connection, now)
            queued = _in_state(connection, JobState.QUEUED)
            if len(_in_state(connection, JobState.RUNNING)) >= at_once or not queued:
                return None
            job = queued[0]
            values = {"state": JobState.RUNNING.value, "token": secrets.token_hex(16), "started_at": now}
            _change(
                connection,
                job,
                **values,
                attempts=job.attempts + 1,
                lease_until=_lease(now),
                stage="reading",
                error=None,
            )
            return _one(connection, job.job_id)

    def tires(self, job: Job) -> bool:
        """Tell whether a job's lease ends soon or has ended, by this machine's clock, which may have been set."""
        return job.lease_until is None or job.lease_until < self._clock() + timedelta(seconds=LEASE_S * 2 / 3)

    def beat(self, job: Job) -> bool:
        """Say that a job's process lives; return whether the job is still its own."""
        mine = sa.and_(jobs.c.job_id == job.job_id, jobs.c.token == job.token, jobs.c.state == JobState.RUNNING.value)
        with writing(self.engine) as connection:
            done = connection.execute(sa.update(jobs).where(mine).values(lease_until=_lease(self._clock())))
            return done.rowcount == 1

    def tell(self, job: Job, stage: str, done: int = 0, total: int = 0) -> None:
        """
        Say how far a job is.

        Parameters
        ----------
        job
            As `claim` returned it.
        stage, done, total
            As of `Job`.

        Raises
        ------
        JobLostError
            If it is no longer this process's.
        """
        with writing(self.engine) as connection:
            mine = require_mine(connection, job)
            _change(connection, mine, stage=stage, done=done, total=total, lease_until=_lease(self._clock()))

    def finish(self, connection: sa.Connection, job: Job, plan_id: str) -> None:
        """
        End a job well, in the transaction that keeps its result: both are there, or neither.

        Parameters
        ----------
        connection
            A writing transaction.
        job
            As `claim` returned it.
        plan_id
            The draft that it made or changed.

        Raises
        ------
        JobLostError
            If it is no longer this process's; the transaction must be rolled back.
        """
        mine, now = require_mine(connection, job), self._clock()
        _change(connection, mine, **_over(JobState.DONE, now), plan_id=plan_id)
        chain.append(connection, "job.done", job.by, job.job_id, {"plan_id": plan_id}, at=now, scope=job.scope)

    def fail(self, job: Job, error: Mapping[str, Any]) -> bool:
        """
        End a job badly, if it is still this process's; return whether it was.

        Parameters
        ----------
        job
            As `claim` returned it.
        error
            As of `Job`.
        """
        with writing(self.engine) as connection:
            try:
                mine = require_mine(connection, job)
            except JobLostError:
                return False
            self._fail(connection, mine, error)
            return True

    def give_back(self, job: Job) -> None:
        """Let a job wait again that was begun and not finished, because the service stops; no attempt is counted."""
        with writing(self.engine) as connection:
            try:
                mine = require_mine(connection, job)
            except JobLostError:
                return
            _change(connection, mine, **_waiting(), attempts=max(mine.attempts - 1, 0))

    def _fail(self, connection: sa.Connection, job: Job, error: Mapping[str, Any]) -> None:
        now = self._clock()
        _change(connection, job, **_over(JobState.FAILED, now), error=dict(error))
        chain.append(connection, "job.fail", job.by, job.job_id, {"kind": error["kind"]}, at=now, scope=job.scope)

    def _free_lost(self, connection: sa.Connection, now: datetime) -> None:
        """Let jobs wait again whose process is silent; those that were lost before fail."""
        for job in _in_state(connection, JobState.RUNNING):
            if job.lease_until is not None and job.lease_until > now:
                continue
            if job.attempts < MOST_ATTEMPTS:
                _change(connection, job, **_waiting())
            else:
                self._fail(connection, job, LOST)

    def _waiting(self) -> bool:
        """Tell whether a job waits, or has a lease to look at, without keeping writers waiting."""
        now = self._clock()
        odd = sa.or_(jobs.c.lease_until <= now, jobs.c.lease_until > _longest(now))
        late = sa.and_(jobs.c.state == JobState.RUNNING.value, odd)
        query = sa.select(jobs.c.job_id).where(sa.or_(jobs.c.state == JobState.QUEUED.value, late)).limit(1)
        with reading(self.engine) as connection:
            return connection.scalar(query) is not None


def require_mine(connection: sa.Connection, job: Job) -> Job:
    """
    Return a job as it is, if it still belongs to who claimed it.

    Raises
    ------
    JobLostError
        If it was cancelled, or another process has it.
    """
    now = _one(connection, job.job_id)
    if now.state != JobState.RUNNING or now.token != job.token:
        raise JobLostError(f"job {job.job_id} is {now.state.value}, and no longer this process's")
    return now


def _require_free(connection: sa.Connection, holds: tuple[str, ...]) -> None:
    for job in _in_state(connection, *ACTIVE):
        if job.meets(holds):
            raise JobConflictError(
                f"job {job.job_id} ({job.kind.value}, {job.state.value}) plans the same ground, of {job.by}; wait for "
                "its end, or cancel it",
                job=job,
            )


def _waiting() -> dict[str, Any]:
    none = dict.fromkeys(("token", "lease_until", "started_at", "ended_at", "plan_id", "error"))
    return {**none, "state": JobState.QUEUED.value, "stage": "waiting", "done": 0, "total": 0}


def _over(state: JobState, now: datetime) -> dict[str, Any]:
    return {"state": state.value, "token": None, "lease_until": None, "ended_at": now, "stage": ""}


def _longest(now: datetime) -> datetime:
    """Return until when a lease may run that was given now, by the clock of another machine."""
    return now + timedelta(seconds=2 * LEASE_S)


def _shorten(connection: sa.Connection, now: datetime) -> None:
    """
    Give leases from now on that were given by a clock far ahead of this one.

    A clock was set back: a process that lives renews its lease, and one that is gone must not hold its job for hours.
    """
    ahead = sa.and_(jobs.c.state == JobState.RUNNING.value, jobs.c.lease_until > _longest(now))
    connection.execute(sa.update(jobs).where(ahead).values(lease_until=_lease(now)))


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_S)


def _change(connection: sa.Connection, job: Job, **values: Any) -> None:
    connection.execute(sa.update(jobs).where(jobs.c.job_id == job.job_id).values(**values, version=job.version + 1))


def _one(connection: sa.Connection, job_id: str) -> Job:
    row = connection.execute(sa.select(jobs).where(jobs.c.job_id == job_id)).first()
    if row is None:
        raise NotInStoreError(f"there is no job {job_id!r}")
    return _job(row)


def _in_state(connection: sa.Connection, *states: JobState) -> Sequence[Job]:
    """Return the jobs in some states, those first that have waited longest."""
    query = sa.select(jobs).where(jobs.c.state.in_([state.value for state in states]))
    return [_job(row) for row in connection.execute(query.order_by(jobs.c.created_at, jobs.c.job_id))]


def _job(row: sa.Row[Any]) -> Job:
    own = {"kind": Kind(row.kind), "state": JobState(row.state), "holds": tuple(row.holds)}
    return Job(**{**row._mapping, **own})
