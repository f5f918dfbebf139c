"""What stands out over HTTP: where incidents gather, and what rose beyond chance."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.access import View, ViewOf, needs
from api.answers import answer
from api.desk import desk_of, ground_of
from api.finding_models import RisesQuery, RisesTold, SpotsQuery, SpotsTold
from api.held_findings import HeldFindings, Question
from gridplan.incidents.store.findings import By
from gridplan.store.keys import Role

router = APIRouter(tags=["statistics"])


@router.get("/stats/hot-spots", response_model=SpotsTold, **needs(Role.VIEWER, errors=(404,)))
async def of_spots(asked: Annotated[SpotsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return grids that gather more, or fewer, incidents per household with their neighbours than chance makes."""
    return await _answered(asked, view, request, None)


@router.get("/stats/rises", response_model=RisesTold, **needs(Role.VIEWER, errors=(404,)))
async def of_rises(asked: Annotated[RisesQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return categories, or grids, of which more was reported than up to two years before make one expect."""
    return await _answered(asked, view, request, asked.by)


async def _answered(asked: SpotsQuery, view: View, request: Request, by: By | None) -> Response:
    held: HeldFindings = request.app.state.findings
    return answer(request, await held.text(_question(asked, view, by), view, await ground_of(view)))


def _question(asked: SpotsQuery, view: View, by: By | None) -> Question:
    desk = desk_of(view)
    last = asked.end or desk.handling.calendar.local_day(desk.now())
    return Question((asked.start or date(last.year, last.month, 1), last), asked.category, by)
