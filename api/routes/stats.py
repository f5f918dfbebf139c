"""Numbers of a period over HTTP: by grid and by any level above it, as recorded or restated on a plan."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import answer
from api.desk import desk_of, ground_of
from api.incident_models import NumbersTold, StatsQuery, UnitNumbers, UnitsQuery
from api.problems import NOT_FOUND, ProblemError
from gridplan.incidents.ground import Ground
from gridplan.incidents.store.numbers import numbers
from gridplan.incidents.summary import UnitLevel
from gridplan.store.keys import Role

router = APIRouter(tags=["statistics"])


@router.get("/stats/grids", response_model=NumbersTold, **needs(Role.VIEWER, errors=(404,)))
async def of_units(asked: Annotated[UnitsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return the numbers of all units of a level, each rate with its numerator and denominator."""
    ground = await ground_of(view)
    found = await run_in_threadpool(_numbers, asked, view, ground, asked.level)
    return answer(request, json.dumps(found, ensure_ascii=False))


@router.get("/grids/{grid_code}/stats", response_model=UnitNumbers, **needs(Role.VIEWER, errors=(404,)))
async def of_grid(grid_code: str, asked: Annotated[StatsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return the numbers of one grid; limits of chance are those among all grids that the key sees."""
    ground = await ground_of(view)
    found = await run_in_threadpool(_numbers, asked, view, ground, "grid")
    unit = next((each for each in found["units"] if each["code"] == grid_code), None)
    if unit is None:
        raise ProblemError(NOT_FOUND, f"there is no grid {grid_code[:40]!r} today, and no incident was taken to one")
    return answer(request, json.dumps(unit, ensure_ascii=False))


def _numbers(asked: StatsQuery, view: View, ground: Ground, level: UnitLevel) -> dict[str, Any]:
    desk = desk_of(view)
    last = asked.end or desk.handling.calendar.local_day(desk.now())
    first = asked.start or date(last.year, last.month, 1)
    plan = None if asked.plan is None else _seen(asked.plan, view)
    found = numbers(
        view.watch.store,
        desk.handling,
        (first, last),
        level=level,
        plan_id=plan,
        category=asked.category,
        scope=view.scope,
        ground=ground,
    )
    return found.to_dict()


def _seen(plan_id: str, view: View) -> str:
    """Return the id of a published plan that the key sees; others do not exist."""
    names = {plan.plan_id for plan in view.moment.published if _related(plan.scope, view.scope)}
    if plan_id not in names:
        raise ProblemError(NOT_FOUND, f"there is no published plan {plan_id[:60]!r}")
    return plan_id


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
