"""Which grid owns a point or an address, one or many."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import ViewOf, metrics_of, needs, seen_by
from api.answers import JSON, query_of
from api.documents import ROLE, errors_of, parameters_of
from api.models import BatchAnswer, BatchBody, BatchPoint, FoundAddress, LocateQuery, Place
from api.problems import NO_ADDRESSES, TOO_LARGE, ProblemError
from api.standing import Standing
from gridplan.locator import Locator
from gridplan.store.keys import Role

router = APIRouter(prefix="/locate", tags=["locate"])
_ASKED = {"parameters": parameters_of(LocateQuery), ROLE: Role.VIEWER.value}


@router.get(
    "",
    response_model=Place | FoundAddress,
    openapi_extra=_ASKED,
    responses=errors_of(400, 401, 403, 404, 429, 500, 503),
)
async def locate(request: Request) -> Response:
    """Tell which grid owns a point, or which address a text means and its grid."""
    # Asked thousands of times a second: solving dependencies would take longer than the answer.
    view = await seen_by(request, Role.VIEWER)
    asked = query_of(request, LocateQuery)
    standing, day = await view.standing(asked.at), asked.at or view.moment.today
    kind = "point" if asked.address is None else "address"
    found = _place(standing, asked, day) if asked.address is None else _address(standing, asked.address, day)
    metrics_of(request).looked_up(kind, [found["status"]])
    return _json(found)


@router.post("/batch", response_model=BatchAnswer, **needs(Role.VIEWER, errors=(404, 413)))
async def locate_batch(asked: BatchBody, view: ViewOf, request: Request) -> Response:
    """Tell which grids own many points, or which addresses many texts mean; all from one plan, in their order."""
    most = request.app.state.settings.batch_points
    if asked.size > most:
        raise ProblemError(TOO_LARGE, f"expected at most {most} points or addresses; found {asked.size}")
    standing, day = await view.standing(asked.at), asked.at or view.moment.today
    results = await run_in_threadpool(_many, standing, asked, day)
    kind = "point" if asked.addresses is None else "address"
    metrics_of(request).looked_up(kind, [each["status"] for each in results])
    return _json({"at": day.isoformat(), "count": len(results), "results": results})


def locator_of(standing: Standing) -> Locator:
    """
    Return the addresses of what stands.

    Raises
    ------
    ProblemError
        If there are none.
    """
    if standing.locator is None:
        raise ProblemError(NO_ADDRESSES, "the service was started without a table of addresses here")
    return standing.locator


def _place(standing: Standing, asked: LocateQuery, day: date) -> dict[str, Any]:
    found = standing.index.locate(asked.lon, asked.lat, at=day, datum=asked.datum).to_dict()
    row = None if found["grid_code"] is None else standing.table.of(found["grid_code"])
    names = {} if row is None else {name: row[name] for name in ("plan_id", "name", "community_code")}
    return {**{key: value for key, value in found.items() if key != "plan"}, **names, "at": day.isoformat()}


def _address(standing: Standing, text: str, day: date) -> dict[str, Any]:
    return {**locator_of(standing).match(text).to_dict(), "at": day.isoformat()}


def _many(standing: Standing, asked: BatchBody, day: date) -> list[dict[str, Any]]:
    if asked.addresses is None:
        return _points(standing, asked, day)
    found = [match.to_dict() for match in locator_of(standing).match_many(asked.addresses)]
    return [{**each, "at": day.isoformat()} for each in found]


def _points(standing: Standing, asked: BatchBody, day: date) -> list[dict[str, Any]]:
    pairs = [(each.lon, each.lat) if isinstance(each, BatchPoint) else each for each in asked.points or ()]
    xy = np.array(pairs, dtype=float).reshape(-1, 2)
    found = standing.index.locate_many(xy[:, 0], xy[:, 1], at=day, datum=asked.datum)
    plans = np.array([*found.plans, None], dtype=object)[found.plan]
    columns = (found.grid_code.tolist(), found.status_names.tolist(), found.distance_m.tolist(), plans.tolist())
    return [
        {"grid_code": code, "status": status, "distance_m": None if code is None else metres, "plan_id": plan}
        for code, status, metres, plan in zip(*columns, strict=True)
    ]


def _json(values: Any) -> Response:
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text, media_type=JSON)
