"""What a job is: who asked for what, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a job does."""

    PLAN = "plan"
    REVISE = "revise"
    REPLAN = "replan"


class JobState(StrEnum):
    """Stages of a job; the last three are final, though a failed or cancelled job can be resumed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in ACTIVE


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Job:
    """
    A job as the store keeps it.

    Parameters
    ----------
    job_id
        Its name, never given twice.
    kind
        What it does.
    scope
        Prefix of the codes that it plans.
    holds
        Prefixes of codes that no other job may plan until this one is over.
    request
        What was asked for, as plain JSON.
    by, created_at
        Who asked, and when (UTC).
    limit_s
        Seconds that it may run.
    state
        How far it is.
    version
        One more with each change that is told.
    attempts
        How often it was begun since it was asked for, or resumed.
    token
        Of the process that runs it, None where none does.
    lease_until
        When that process counts as dead unless it says otherwise.
    started_at, ended_at
        When it was begun last, and when it was over; UTC or None.
    stage
        ``waiting``, ``reading``, ``planning``, ``saving``; "" when it is over.
    done, total
        Communities planned, and of how many; 0 of 0 where that is not known.
    plan_id
        The draft that it made or changed, or None.
    error
        Why it failed: ``kind``, ``detail`` and, for bad input, ``faults``; None otherwise.
    """

    job_id: str
    kind: Kind
    scope: str
    holds: tuple[str, ...]
    request: Mapping[str, Any]
    by: str
    created_at: datetime
    limit_s: float
    state: JobState
    version: int
    attempts: int
    token: str | None
    lease_until: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    stage: str
    done: int
    total: int
    plan_id: str | None
    error: Mapping[str, Any] | None

    @property
    def resumable(self) -> bool:
        """Whether it can be begun again."""
        return self.state in {JobState.FAILED, JobState.CANCELLED}

    def meets(self, holds: tuple[str, ...]) -> bool:
        """
        Tell whether it plans ground that others want to plan.

        Parameters
        ----------
        holds
            Prefixes of codes.
        """
        return any(one.startswith(other) or other.startswith(one) for one in self.holds for other in holds)
