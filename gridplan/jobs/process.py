"""
The process that runs one job: ``python -m gridplan.jobs.process``, started by `gridplan.jobs.supervisor`.

It keeps its lease while it works, ends itself when the job is no longer its own or has run too long, and keeps the
result in one transaction with the end of the job. What it needs comes by the environment, so that no list of processes
shows where the store is.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridplan.errors import (
    ClusterError,
    CodeOverflowError,
    EditError,
    GridplanError,
    InputError,
    JobLostError,
    NotInStoreError,
    RulesError,
    StaleBaseError,
    StoreUnavailableError,
)
from gridplan.jobs.queue import LEASE_S, Jobs
from gridplan.jobs.records import Job

ORDER = "GRIDPLAN_JOB_ORDER"
# Told at most so often, seconds: each time is a commit.
TELL_S = 1.0
# Lookups go before plans on a machine that does both.
NICE = 10
_LONGEST = 2_000
_MOST_FAULTS = 50

# The first class that fits counts. What is not here is a bug, of which callers learn nothing.
KINDS: tuple[tuple[type[GridplanError], str], ...] = (
    (InputError, "bad-input"),
    (RulesError, "rules"),
    (CodeOverflowError, "codes"),
    (EditError, "refused"),
    (StaleBaseError, "stale"),
    (NotInStoreError, "not-found"),
    (ClusterError, "cluster"),
    (StoreUnavailableError, "store"),
)

logger = logging.getLogger("gridplan.jobs")


@dataclass(frozen=True)
class Order:
    """
    What a process is told to do.

    Parameters
    ----------
    job_id, token
        The job, and the claim on it.
    database_url
        The store.
    sources
        File of registered sources, or None.
    processes
        Processes that plan.
    dask
        Address of a Dask scheduler, or None.
    """

    job_id: str
    token: str
    database_url: str
    sources: str | None = None
    processes: int = 1
    dask: str | None = None


class Pulse:
    """
    Keeps the lease of a job in a thread of its own, and ends the process when the job is lost or too late.

    Parameters
    ----------
    jobs
        The queue.
    job
        The job.
    """

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._job = jobs, job
        self._until = time.monotonic() + job.limit_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(min(LEASE_S / 3, max(self._until - time.monotonic(), 0.0))):
            if time.monotonic() >= self._until:
                self._jobs.fail(self._job, too_late(self._job))
                end_group()
                return
            try:
                alive = self._jobs.beat(self._job)
            except GridplanError as error:
                logger.warning("job %s: the lease was not renewed: %s", self._job.job_id, error)
                continue
            if not alive:
                end_group()
                return


class Progress:
    """
    Tells how far a job is, at most once a second, and each new stage at once.

    Parameters
    ----------
    jobs, job
        As of `Pulse`.
    """

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._job = jobs, job
        self._stage, self._told = "", 0.0
        self._done, self._total = 0, 0

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Take how far it is; a stage that counts nothing leaves the counts as they are."""
        if total:
            self._done, self._total = done, total
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._told < TELL_S:
            return
        self._stage, self._told = stage, now
        self._jobs.tell(self._job, stage, self._done, self._total)


def run(order: Order) -> bool:
    """
    Run a job to its end.

    Parameters
    ----------
    order
        What to do.

    Returns
    -------
    done
        Whether a result was kept; else the job failed, or was no longer ours.
    """
    from gridplan.store import Store, chain

    with Store.open(order.database_url) as store:
        jobs = Jobs(store.engine)
        job = jobs.get(order.job_id)
        if job.token != order.token:
            return False
        chain.request.set(str(job.request.get("request_id", "")))
        with Pulse(jobs, job):
            try:
                _work(order, store, jobs, job)
            except JobLostError:
                return False
            except Exception as error:
                logger.exception("job %s failed", job.job_id)
                jobs.fail(job, told(error, order))
                return False
    return True


def _work(order: Order, store: Any, jobs: Jobs, job: Job) -> None:
    from datetime import UTC

    from gridplan.jobs.registry import read_registry
    from gridplan.jobs.work import Means, work
    from gridplan.store.engine import writing
    from gridplan.store.reader import utc_now
    from gridplan.store.records import Step

    sources = read_registry(None if order.sources is None else Path(order.sources))
    tell = Progress(jobs, job)
    save = work(job, Means(store, sources, order.processes, order.dask), tell)
    tell("saving")
    now = utc_now()
    step = Step(job.by, now.astimezone(UTC), now.astimezone().date(), str(job.request.get("reason") or ""))
    with writing(store.engine) as connection:
        jobs.finish(connection, job, save(connection, step).plan_id)


def told(error: Exception, order: Order) -> dict[str, Any]:
    """
    Return what callers may know of an error: nothing of a bug, and of no file where it lies.

    Parameters
    ----------
    error
        The error.
    order
        What was to be done.
    """
    kind = next((name for known, name in KINDS if isinstance(error, known)), "internal")
    if kind == "internal":
        return {"kind": kind, "detail": "a fault of the service; tell its operator the job's id"}
    folder = "" if order.sources is None else f"{Path(order.sources).absolute().parent}/"
    text = str(error).replace(folder, "") if folder else str(error)
    faults = [fault.to_dict() for fault in error.faults[:_MOST_FAULTS]] if isinstance(error, InputError) else None
    return {"kind": kind, "detail": text[:_LONGEST], **({} if faults is None else {"faults": faults})}


def too_late(job: Job) -> Mapping[str, Any]:
    """Return the error of a job that ran too long."""
    return {"kind": "time-limit", "detail": f"it ran longer than {job.limit_s:.0f} s; nothing was kept"}


def end_group() -> None:
    """End this process and those that it started, at once."""
    if os.getpgid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """Run the job that the environment names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    order = Order(**json.loads(os.environ.pop(ORDER)))
    os.nice(NICE)
    sys.exit(0 if run(order) else 1)


if __name__ == "__main__":
    main()
