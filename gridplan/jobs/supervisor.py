"""Starts a process for each job that it claims, keeps an eye on it, and tells the store when one dies."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from gridplan.errors import GridplanError
from gridplan.jobs.process import ORDER, Order, too_late
from gridplan.jobs.queue import Jobs
from gridplan.jobs.records import Job, JobState

GRACE_S = 5.0
# Seconds until the store is asked again after it did not answer.
RETRY_S = 5.0

logger = logging.getLogger("gridplan.jobs")


@dataclass
class Running:
    """
    A job under way.

    Parameters
    ----------
    job
        As it was claimed.
    process
        Its process, leader of a group of its own.
    until
        Moment of the monotonic clock at which it is ended, if it has not ended itself by then.
    """

    job: Job
    process: subprocess.Popen[bytes]
    until: float


class Supervisor:
    """
    Runs jobs, in processes of their own, until it is stopped.

    Parameters
    ----------
    jobs
        The queue.
    order
        What every process is told; job and token are filled in.
    at_once
        Jobs that may run at a time, on all machines that share the store.
    every_s
        Seconds between two looks.
    """

    def __init__(self, jobs: Jobs, order: Order, *, at_once: int = 1, every_s: float = 0.5) -> None:
        self._jobs, self._order, self._at_once, self._every_s = jobs, order, at_once, every_s
        self._running: list[Running] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the processes and let their jobs wait for the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for running in self._running:
            _kill(running.process)
            with suppress(GridplanError):
                self._jobs.give_back(running.job)
        self._running.clear()

    @property
    def processes(self) -> dict[str, int]:
        """Process ids by job."""
        return {running.job.job_id: running.process.pid for running in self._running}

    def look(self) -> None:
        """Look once: at what ended, at what must end, at what waits."""
        self._running = [running for running in self._running if not self._ended(running)]
        job = self._jobs.claim(self._at_once)
        if job is not None:
            until = time.monotonic() + job.limit_s + GRACE_S
            self._running.append(Running(job, self._started(job), until))

    def _keep(self) -> None:
        pause = self._every_s
        while not self._stop.wait(pause):
            try:
                self.look()
                pause = self._every_s
            except GridplanError as error:
                pause = RETRY_S
                logger.warning("jobs wait: %s", error)
            except Exception:
                pause = RETRY_S
                logger.exception("jobs wait")

    def _started(self, job: Job) -> subprocess.Popen[bytes]:
        order = Order(**{**asdict(self._order), "job_id": job.job_id, "token": str(job.token)})
        environment = {**os.environ, ORDER: json.dumps(asdict(order))}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "gridplan.jobs.process"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _ended(self, running: Running) -> bool:
        """Tell whether a job is under way no more; see to it that its processes are gone."""
        job, code = running.job, running.process.poll()
        if code is not None:
            _kill(running.process)
            self._jobs.fail(job, {"kind": "worker-died", "detail": _died(code)})
            return True
        now = self._jobs.get(job.job_id)
        if now.state != JobState.RUNNING or now.token != job.token:
            _kill(running.process)
            return True
        if time.monotonic() > running.until:
            self._jobs.fail(job, too_late(job))
            _kill(running.process)
            return True
        if self._jobs.tires(now):
            # From here too: a long search may keep the process's own pulse waiting, and a clock that was set ahead ends
            # every lease at once; this comes before any job is taken for lost.
            self._jobs.beat(job)
        return False


def _died(code: int) -> str:
    how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
    return f"the process that ran it ended {how} and kept nothing; resume it"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
