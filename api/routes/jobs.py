"""Jobs: how far each is, by asking or by listening; cancelled, and begun again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.drafts import person
from api.job_models import JobOut, Jobs, job_out
from api.models import Strict
from api.problems import NOT_FOUND, ProblemError
from gridplan.errors import NotInStoreError
from gridplan.jobs import Job, JobState
from gridplan.jobs import Jobs as Queue
from gridplan.store.keys import Role

router = APIRouter(prefix="/jobs", tags=["jobs"])
EVENTS = "text/event-stream"
# Seconds between two looks at a job that somebody listens to, and after how many looks a silent line is kept open.
LOOK_S = 0.5
_BEATS = 30
_ID = re.compile(r"[0-9a-f]{16}")


class JobsQuery(Strict):
    """Which jobs."""

    state: JobState | None = Field(None, description="Only those in this state.")
    limit: int = Field(100, ge=1, le=1000, description="At most so many.")


@router.get("", **needs(Role.PLANNER))
def jobs(asked: Annotated[JobsQuery, Query()], view: ViewOf) -> Jobs:
    """Return the jobs of the key's scope, newest first."""
    found = queue_of(view).all(view.scope, state=asked.state, limit=asked.limit)
    return Jobs(jobs=[job_out(job) for job in found])


@router.get("/{job_id}", **needs(Role.PLANNER, errors=(404,)))
def job(job_id: str, view: ViewOf) -> JobOut:
    """Return a job, how far it is and what came of it."""
    return job_out(_seen(job_id, view))


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    **{
        **needs(Role.PLANNER, errors=(404,)),
        "responses": {
            **needs(Role.PLANNER, errors=(404,))["responses"],
            200: {"description": "Server-sent events", "content": {EVENTS: {"schema": {"type": "string"}}}},
        },
    },
)
async def events(job_id: str, view: ViewOf, request: Request) -> StreamingResponse:
    """
    Tell how a job goes on, as server-sent events, until it is over.

    Each event has the job as JSON in `data`, the job's state as its name, and a number as its id.
    """
    first = await run_in_threadpool(_seen, job_id, view)
    return StreamingResponse(_told(first, view, request), media_type=EVENTS, headers={"Cache-Control": "no-store"})


@router.post("/{job_id}/cancel", **needs(Role.PLANNER, errors=(404, 409)))
def cancel(job_id: str, view: ViewOf) -> JobOut:
    """Cancel a job that waits or runs: nothing of it is kept, and its process ends within seconds."""
    _seen(job_id, view)
    return job_out(queue_of(view).cancel(job_id, by=person(view)))


@router.delete("/{job_id}", **needs(Role.PLANNER, errors=(404, 409)))
def delete(job_id: str, view: ViewOf) -> JobOut:
    """Cancel a job, as `POST .../cancel` does; that it was asked for stays on record."""
    return cancel(job_id, view)


@router.post("/{job_id}/resume", **needs(Role.PLANNER, errors=(404, 409)))
def resume(job_id: str, view: ViewOf) -> JobOut:
    """Begin a failed or cancelled job again."""
    _seen(job_id, view)
    return job_out(queue_of(view).resume(job_id, by=person(view)))


def queue_of(view: View) -> Queue:
    """Return the queue of the store that a view sees."""
    return Queue(view.watch.store.engine, view.watch.clock)


def _seen(job_id: str, view: View) -> Job:
    """Return a job; one beyond the key's scope is answered as one that is not."""
    try:
        found = queue_of(view).get(job_id) if _ID.fullmatch(job_id) else None
    except NotInStoreError:
        found = None
    if found is None or not found.scope.startswith(view.scope):
        raise ProblemError(NOT_FOUND, f"there is no job {job_id[:40]!r}")
    return found


async def _told(job: Job, view: View, request: Request) -> AsyncIterator[str]:
    """Yield an event for each change of a job; a key that opens nothing any more hears nothing more."""
    told, silent = -1, 0
    while True:
        if job.version != told:
            told, silent = job.version, 0
            data = json.dumps(job_out(job).model_dump(mode="json"), ensure_ascii=False)
            yield f"id: {job.version}\nevent: {job.state.value}\ndata: {data}\n\n"
        if job.state.over or await request.is_disconnected() or not _still(view):
            return
        silent += 1
        if silent % _BEATS == 0:
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_S)
        job = await run_in_threadpool(queue_of(view).get, job.job_id)


def _still(view: View) -> bool:
    key = view.watch.moment.keys.get(view.key.key_id, view.key)
    return key.valid(view.watch.now())
