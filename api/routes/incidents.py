"""Incidents over HTTP: opened, listed, followed by legal steps, reviewed; within the scope of a key."""

from __future__ import annotations

import json
import secrets
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import JSON, answer, path_of
from api.desk import desk_of, ground_of, masked, told, told_file
from api.incident_models import IncidentFile, IncidentPage, IncidentsQuery, NewIncident, NewStep, Settled
from api.problems import CONFLICT, FORBIDDEN, NOT_FOUND, ProblemError, problem
from gridplan.datum import to_wgs84
from gridplan.errors import TransitionError
from gridplan.incidents.calendar import Calendar
from gridplan.incidents.course import Order
from gridplan.incidents.deciding import REASONS
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.reader import File
from gridplan.incidents.store.rows import Which
from gridplan.store.keys import Role

router = APIRouter(tags=["incidents"])


@router.post(
    "/incidents",
    response_model=IncidentFile,
    status_code=201,
    **needs(Role.DISPATCHER, errors=(404,)),
)
async def open_(asked: NewIncident, view: ViewOf) -> Response:
    """Open an incident: it goes to its grid by point or address, or waits with the candidates and the question."""
    desk, file = desk_of(view), await opened(asked, view)
    body = told_file(file, desk, view)
    headers = {"Location": f"/v1/incidents/{file.incident.incident_id}"}
    return Response(json.dumps(body, ensure_ascii=False), 201, headers, JSON)


async def opened(asked: NewIncident, view: View) -> File:
    """Open an incident for who asks, on record."""
    desk, ground = desk_of(view), await ground_of(view)
    standing = await view.standing(None)

    def made() -> File:
        record = _record(asked, desk)
        file = desk.open(
            record, ground, by=view.actor, source=asked.source, addresses=standing.locator, scope=view.scope
        )
        view.record("incident.open", file.incident.incident_id, scope=file.incident.grid_code or view.scope)
        return file

    return await run_in_threadpool(made)


@router.get("/incidents", response_model=IncidentPage, **needs(Role.VIEWER))
async def incidents(asked: Annotated[IncidentsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return incidents, the newest first, page by page."""
    return await run_in_threadpool(_page, asked, view, request, asked.grid_code)


@router.get("/incidents/late", response_model=IncidentPage, **needs(Role.VIEWER))
async def late(view: ViewOf, request: Request, soon: bool = False) -> Response:
    """Return what is late, the latest first; with `soon` what is not late yet but soon will be."""
    found = await run_in_threadpool(desk_of(view).late, view.scope, soon=soon)
    return _listed([told(each, view) for each in found], len(found), request, [])


@router.get("/incidents/review", **needs(Role.DISPATCHER))
async def reviews(view: ViewOf, request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """Return what a person has to look at, oldest first: the reason, and every grid that it may be."""
    desk = desk_of(view)
    found = await run_in_threadpool(desk.reviews, view.scope, limit=limit)
    rows = [
        {
            "reason": review.reason,
            "zh": REASONS[review.reason][0],
            "en": REASONS[review.reason][1],
            "question": review.question,
            "candidates": [each for each in review.candidates if str(each["grid_code"]).startswith(view.scope)],
            "at": review.at.isoformat(),
            "incident": told(incident, view),
        }
        for review, incident in found
    ]
    return answer(request, json.dumps({"reviews": rows}, ensure_ascii=False))


@router.get("/incidents/handling", **needs(Role.VIEWER))
async def handling(view: ViewOf, request: Request) -> Response:
    """Return categories, levels and workflows with their names."""
    rules = desk_of(view).handling
    flows = {
        code: {
            "zh": flow.label.zh,
            "en": flow.label.en,
            "states": [
                {"code": s.code, "zh": s.label.zh, "en": s.label.en, "closed": s.closed} for s in flow.states.values()
            ],
        }
        for code, flow in rules.workflows.items()
    }
    tree = [
        {
            "code": c.code,
            "under": c.under,
            "zh": c.label.zh,
            "en": c.label.en,
            "within": str(rules.categories.within(c.code) or ""),
        }
        for c in rules.categories.by_code.values()
    ]
    levels = [{"code": each.code, "zh": each.label.zh, "en": each.label.en} for each in rules.levels.values()]
    body = {"timezone": rules.calendar.zone, "categories": tree, "levels": levels, "workflows": flows}
    return answer(request, json.dumps(body, ensure_ascii=False))


@router.get("/incidents/{incident_id}", response_model=IncidentFile, **needs(Role.VIEWER, errors=(404,)))
async def incident(incident_id: str, view: ViewOf, personal: bool = False) -> Response:
    """Return one incident with its history; with `personal` who reported it, which is recorded in the audit log."""
    desk = desk_of(view)
    if personal and not view.key.role.may(Role.DISPATCHER):
        raise ProblemError(FORBIDDEN, "personal: expected a key of role dispatcher or above")

    def found() -> dict[str, Any]:
        file = desk.get(incident_id, view.scope)
        person = desk.person(incident_id, view.scope)
        if personal:  # recorded before it is told: what cannot be recorded is not told
            fields = {"fields": person.known}
            view.record("incident.read", incident_id, fields, file.incident.grid_code or view.scope)
        return {**told_file(file, desk, view), "person": vars(person) if personal else masked(person)}

    return Response(json.dumps(await run_in_threadpool(found), ensure_ascii=False), media_type=JSON)


@router.post(
    "/incidents/{incident_id}/transitions",
    response_model=IncidentFile,
    **needs(Role.DISPATCHER, errors=(404, 409)),
)
async def transition(incident_id: str, asked: NewStep, view: ViewOf, request: Request) -> Response:
    """Take a step; one that may not be taken now is answered with 409 and those that may."""
    desk = desk_of(view)
    details = {name: getattr(asked, name) for name in ("within", "rating", "minutes")}
    if asked.grid_code is not None:
        details |= {"grid_code": asked.grid_code, "plan_id": await _plan_of(asked.grid_code, view)}
    given = {name: value for name, value in details.items() if value is not None}
    order = Order(asked.action, view.actor, desk.now(), asked.role, asked.reason, given)
    try:
        file = await run_in_threadpool(desk.step, incident_id, order, scope=view.scope, seen=asked.seen)
    except TransitionError as error:
        return _refused(request, error)
    return Response(json.dumps(told_file(file, desk, view), ensure_ascii=False), media_type=JSON)


@router.post(
    "/incidents/{incident_id}/review", response_model=IncidentFile, **needs(Role.DISPATCHER, errors=(404, 409))
)
async def settle(incident_id: str, asked: Settled, view: ViewOf) -> Response:
    """Decide where an incident belongs."""
    desk, ground = desk_of(view), await ground_of(view)
    given = {"grid_code": asked.grid_code, "by": view.actor, "reason": asked.reason, "scope": view.scope}
    file = await run_in_threadpool(lambda: desk.settle(incident_id, ground, **given))
    return Response(json.dumps(told_file(file, desk, view), ensure_ascii=False), media_type=JSON)


@router.get("/grids/{grid_code}/incidents", response_model=IncidentPage, **needs(Role.VIEWER, errors=(404,)))
async def of_grid(
    grid_code: str, asked: Annotated[IncidentsQuery, Query()], view: ViewOf, request: Request
) -> Response:
    """Return the incidents of one grid, the newest first; of a retired grid those that were taken to it."""
    page = await run_in_threadpool(_page, asked, view, request, grid_code)
    if not json.loads(bytes(page.body) or b'{"numberMatched": 1}')["numberMatched"]:
        await require_grid(grid_code, view)
    return page


async def require_grid(grid_code: str, view: View) -> None:
    """Refuse a code that no grid in force has."""
    if grid_code not in (await ground_of(view)).plan_of:
        raise ProblemError(NOT_FOUND, f"there is no grid {grid_code[:40]!r} today, and no incident was taken to one")


async def _plan_of(grid_code: str, view: View) -> str | None:
    await require_grid(grid_code, view)
    return (await ground_of(view)).plan_of[grid_code]


def days(start: date | None, end: date | None, calendar: Calendar) -> tuple[datetime | None, datetime | None]:
    """Return the moments at which days begin and are over, at the place of the calendar."""
    begin = None if start is None else calendar.at(start, time())
    over = None if end is None else calendar.at(end + timedelta(days=1), time())
    return begin, over


def _page(asked: IncidentsQuery, view: View, request: Request, grid_code: str | None) -> Response:
    desk = desk_of(view)
    start, end = days(asked.start, asked.end, desk.handling.calendar)
    same = {name: getattr(asked, name) for name in ("category", "state", "level", "holder", "open")}
    which = Which(view.scope, grid_code=grid_code, start=start, end=end, **same)
    found, total = desk.page(which, limit=asked.limit, after=asked.after)
    more = [path_of(request, after=found[-1].incident_id)] if len(found) == asked.limit < total else []
    return _listed([told(each, view) for each in found], total, request, more)


def _listed(rows: list[dict[str, Any]], total: int, request: Request, more: list[str]) -> Response:
    links = [{"rel": "self", "href": path_of(request)}, *({"rel": "next", "href": each} for each in more)]
    body = {"numberMatched": total, "numberReturned": len(rows), "incidents": rows, "links": links}
    return answer(request, json.dumps(body, ensure_ascii=False))


def _record(asked: NewIncident, desk: Incidents) -> dict[str, Any]:
    """Return a record as the desk takes it; what was said is where an address is looked for."""
    record: dict[str, Any] = {
        "source_id": asked.source_id or secrets.token_hex(8),
        "reported_at": (asked.reported_at or desk.now()).isoformat(),
        "category": asked.category or _suggested(asked.text),
        "level": asked.level,
        "address": asked.address or asked.text,
        "community": asked.community,
        "reporter": asked.reporter,
        "phone": asked.phone,
        "words": asked.text,
    }
    if asked.lon is not None and asked.lat is not None:
        lon, lat = to_wgs84([asked.lon], [asked.lat], asked.datum)  # type: ignore[arg-type]
        record |= {"lon": float(lon[0]), "lat": float(lat[0])}
    return record


def _suggested(text: str) -> str:
    """Return the category that a text surely speaks of, "" where it is not sure."""
    from gridplan.incidents import suggest

    return (suggest.shipped()[0].suggest(text).label or "") if text else ""


def _refused(request: Request, error: TransitionError) -> Response:
    """Answer a step that may not be taken: a problem with the member ``legal``."""
    made = problem(request.scope, CONFLICT, str(error))
    body = {**json.loads(bytes(made.body)), "legal": list(error.legal)}
    return Response(json.dumps(body), made.status_code, media_type=made.media_type)
