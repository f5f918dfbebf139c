"""Which grid owns a point or an address, one or many."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import ViewOf, needs
from api.answers import JSON
from api.models import BatchAnswer, BatchBody, BatchPoint, FoundAddress, LocateQuery, Place
from api.problems import NO_ADDRESSES, TOO_LARGE, ProblemError
from api.standing import Standing
from gridplan.locator import Locator
from gridplan.store.keys import Role

router = APIRouter(prefix="/locate", tags=["locate"])


@router.get("", response_model=Place | FoundAddress, **needs(Role.VIEWER, errors=(404,)))
async def locate(asked: Annotated[LocateQuery, Query()], view: ViewOf) -> Response:
    """Tell which grid owns a point, or which address a text means and its grid."""
    standing, day = await view.standing(asked.at), asked.at or view.moment.today
    if asked.address is not None:
        return _json({**locator_of(standing).match(asked.address).to_dict(), "at": day.isoformat()})
    return _json(_place(standing, asked, day))


@router.post("/batch", response_model=BatchAnswer, **needs(Role.VIEWER, errors=(404, 413)))
async def locate_batch(asked: BatchBody, view: ViewOf, request: Request) -> Response:
    """Tell which grids own many points, or which addresses many texts mean; all from one plan, in their order."""
    most = request.app.state.settings.batch_points
    if asked.size > most:
        raise ProblemError(TOO_LARGE, f"expected at most {most} points or addresses; found {asked.size}")
    standing, day = await view.standing(asked.at), asked.at or view.moment.today
    return await run_in_threadpool(_many, standing, asked, day)


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


def _many(standing: Standing, asked: BatchBody, day: date) -> Response:
    if asked.addresses is not None:
        found = [match.to_dict() for match in locator_of(standing).match_many(asked.addresses)]
        results = [{**each, "at": day.isoformat()} for each in found]
    else:
        results = _points(standing, asked, day)
    return _json({"at": day.isoformat(), "count": len(results), "results": results})


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
