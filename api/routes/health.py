"""Whether the service runs, and whether it can answer; without a key, and without saying what it holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import open_to_all, watch_of
from api.models import Health
from api.problems import UNAVAILABLE, ProblemError
from api.watch import Watch

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", **open_to_all())
async def live() -> Health:
    """Answer while the process runs."""
    return Health(status="live")


@router.get("/ready", **open_to_all())
async def ready(watch: Annotated[Watch, Depends(watch_of)]) -> Health:
    """Answer 200 while the store can be used, 503 and the reason while not; lookups go on from what was read last."""
    if not watch.healthy:
        raise ProblemError(UNAVAILABLE, "the store cannot be used", extra={"reason": watch.trouble})
    return Health(status="ready")
