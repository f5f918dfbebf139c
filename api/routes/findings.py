"""What stands out over HTTP: where incidents gather, and what rose beyond chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import answer
from api.desk import desk_of, ground_of
from api.finding_models import RisesQuery, RisesTold, SpotsQuery, SpotsTold
from gridplan.errors import TooFewError
from gridplan.incidents.store.findings import Findings, gatherings, risen
from gridplan.store.keys import Role

router = APIRouter(tags=["statistics"])
# Of the inside: whether a row stands out, which all that are told do.
_HIDDEN = ("risen", "stands_out")


@router.get("/stats/hot-spots", response_model=SpotsTold, **needs(Role.VIEWER, errors=(404,)))
async def of_spots(asked: Annotated[SpotsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return grids that gather more, or fewer, incidents per household with their neighbours than chance makes."""
    ground = await ground_of(view)
    found = await run_in_threadpool(_found, asked, view, gatherings, ground=ground)
    return answer(request, json.dumps(found, ensure_ascii=False))


@router.get("/stats/rises", response_model=RisesTold, **needs(Role.VIEWER, errors=(404,)))
async def of_rises(asked: Annotated[RisesQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return categories, or grids, of which more was reported than up to two years before make one expect."""
    ground = await ground_of(view)
    found = await run_in_threadpool(_found, asked, view, risen, ground=ground, by=asked.by)
    return answer(request, json.dumps(found, ensure_ascii=False))


def _found(asked: SpotsQuery, view: View, find: Callable[..., Findings], **more: Any) -> dict[str, Any]:
    """Return what a search found; too few records for it are no fault of who asks."""
    desk = desk_of(view)
    last = asked.end or desk.handling.calendar.local_day(desk.now())
    days = asked.start or date(last.year, last.month, 1), last
    try:
        told = find(view.watch.store, desk.handling, days, category=asked.category, scope=view.scope, **more).to_dict()
    except TooFewError as error:
        period = {"from": days[0].isoformat(), "to": days[1].isoformat()}
        return {**period, "looked_at": 0, "elsewhere": 0, "found": [], "too_few": str(error)}
    rows = [{name: value for name, value in row.items() if name not in _HIDDEN} for row in told["found"]]
    return {**told, "found": rows, "too_few": None}
