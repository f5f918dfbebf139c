"""Metrics for Prometheus: to the machine itself without a key, to others with an admin's key to everything."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View, maybe_seen, metrics_of, watch_of
from api.documents import ROLE, errors_of
from api.metrics import MEDIA_TYPE, Metrics
from api.problems import FORBIDDEN, UNAUTHENTICATED, ProblemError
from api.watch import Watch, observe
from gridplan.errors import GridplanError
from gridplan.store.engine import reading
from gridplan.store.keys import Role
from gridplan.store.tables import jobs

router = APIRouter(tags=["operation"])


async def _allowed(request: Request, view: Annotated[View | None, Depends(maybe_seen)]) -> None:
    """Let in the operator alone: how much there is tells a district of others."""
    if request.client is not None and request.client.host in request.app.state.settings.metrics_from:
        return
    if view is None:
        raise ProblemError(UNAUTHENTICATED, "expected an admin's key, or a request from the machine of the service")
    if view.key.role is not Role.ADMIN or view.scope:
        raise ProblemError(FORBIDDEN, "expected an admin's key to everything")


@router.get(
    "/metrics",
    dependencies=[Depends(_allowed)],
    openapi_extra={ROLE: Role.ADMIN.value},
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **errors_of(401, 403, 429, 500, 503)},
)
async def metrics(
    watch: Annotated[Watch, Depends(watch_of)], counts: Annotated[Metrics, Depends(metrics_of)]
) -> Response:
    """Return latencies by route, lookups by outcome, jobs, connections and plans held."""
    counts.count_jobs(await run_in_threadpool(_jobs, watch))
    observe(counts, watch)
    return Response(await run_in_threadpool(counts.text), media_type=MEDIA_TYPE)


def _jobs(watch: Watch) -> dict[str, int]:
    """Return the number of jobs by state; nothing while the store cannot be read."""
    counted = dict.fromkeys(("queued", "running", "done", "failed", "cancelled"), 0)
    if not watch.healthy:
        return {}
    try:
        with reading(watch.store.engine) as connection:
            rows = connection.execute(sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state))
            return counted | {str(state): int(count) for state, count in rows}
    except GridplanError:
        return {}
