"""Open311 GeoReport v2: categories as services, incidents as requests; what a key may not see is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import answer
from api.desk import desk_of, told
from api.open311_forms import Open311Route, body_of, read_body, told_as, written
from api.open311_models import Definition, NewRequest, RequestsQuery, RequestTold, Service, Taken, Token
from api.problems import NOT_FOUND, ProblemError
from api.routes.incidents import opened
from gridplan.incidents.categories import Category
from gridplan.incidents.handling import Handling
from gridplan.incidents.incident import Incident
from gridplan.incidents.store.rows import Which, incident_of
from gridplan.incidents.workflows import Label
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incident_steps, incidents
from gridplan.store.keys import Role

router = APIRouter(prefix="/open311/v2", tags=["open311"], route_class=Open311Route)
FORMS = ("", ".json", ".xml")
_PERIOD = timedelta(days=90)
_READS = needs(Role.VIEWER, errors=(404,))
_POSTS = needs(Role.DISPATCHER, errors=(404, 413))
_POSTS["openapi_extra"] |= body_of(NewRequest)
Handler = Callable[..., Any]


def _served(path: str, model: Any) -> Callable[[Handler], Handler]:
    """Return what lets a handler answer a path in each form that the standard names."""

    def serve(handler: Handler) -> Handler:
        for form in FORMS:
            router.get(path + form, **told_as(_READS, model))(handler)
        return handler

    return serve


@_served("/services", list[Service])
async def services(view: ViewOf, request: Request) -> Response:
    """Return what can be reported."""
    rules = desk_of(view).handling
    return _answered(request, [_service(each, rules) for each in rules.categories.by_code.values()], "services")


@router.get("/services/{service_code}", **told_as(_READS, Definition))
async def service(service_code: str, view: ViewOf, request: Request) -> Response:
    """Return what a service asks for beyond what all do: nothing; `.json` or `.xml` may follow the code."""
    code = _bare(service_code)
    _require_services([code], desk_of(view).handling)
    return _answered(request, {"service_code": code, "attributes": []}, "service_definition")


@_served("/requests", list[RequestTold])
async def requests(asked: Annotated[RequestsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return requests, the newest first, page by page; of the last 90 days where no day is named."""
    _require_services(_parts(asked.service_code), desk_of(view).handling)
    conditions = _conditions(asked, view)
    found = await run_in_threadpool(_told, view, conditions, asked.page_size, (asked.page - 1) * asked.page_size)
    return _answered(request, found, "service_requests")


@router.get("/requests/{incident_id}", **told_as(_READS, list[RequestTold]))
async def one(incident_id: str, view: ViewOf, request: Request) -> Response:
    """Return one request; `.json` or `.xml` may follow the id."""
    mine = [*Which(view.scope).conditions(), incidents.c.incident_id == _bare(incident_id)]
    found = await run_in_threadpool(_told, view, mine, 1, 0)
    if not found:
        raise ProblemError(NOT_FOUND, f"there is no request {_bare(incident_id)[:60]!r}")
    return _answered(request, found, "service_requests")


@router.get("/tokens/{incident_id}", **told_as(_READS, list[Token]))
async def token(incident_id: str, view: ViewOf, request: Request) -> Response:
    """Return the request that a token stands for; requests are taken at once, so each id is its own token."""
    code = _bare(incident_id)
    await run_in_threadpool(desk_of(view).get, code, view.scope)
    return _answered(request, [{"service_request_id": code, "token": code}], "service_requests")


async def post(view: ViewOf, request: Request) -> Response:
    """Take a request, as a form or as JSON: it goes to its grid by point or address, or waits for a person."""
    asked = await read_body(request, NewRequest)
    file = await opened(asked.incident(), view)
    waits = "需人工核定位置 / waits for a person to place it" if file.incident.grid_code is None else None
    taken = {"service_request_id": file.incident.incident_id, "service_notice": waits, "account_id": None}
    text, media_type = written(request, [taken], "service_requests", "request")
    headers = {"Location": f"/open311/v2/requests/{file.incident.incident_id}"}
    return Response(text, 201, headers, media_type)


for _form in FORMS:
    router.post(f"/requests{_form}", status_code=201, **told_as(_POSTS, list[Taken], (201,)))(post)


def _answered(request: Request, values: Any, root: str) -> Response:
    text, media_type = written(request, values, root, "service" if root == "services" else "request")
    return answer(request, text, media_type)


def _bare(name: str) -> str:
    """Return a name without the form that is asked for."""
    return name.removesuffix(".json").removesuffix(".xml")


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _require_services(codes: list[str], rules: Handling) -> None:
    unknown = [code for code in codes if code not in rules.categories]
    if unknown:
        raise ProblemError(NOT_FOUND, f"service_code: there is no service {', '.join(unknown)[:100]!r}; see services")


def _both(label: Label) -> str:
    return f"{label.zh} / {label.en}"


def _service(category: Category, rules: Handling) -> dict[str, Any]:
    within = rules.categories.within(category.code)
    return {
        "service_code": category.code,
        "service_name": _both(category.label),
        "description": f"时限 / within: {within}" if within is not None else "",
        "metadata": False,
        "type": "realtime",
        "keywords": ", ".join(category.names),
        "group": _both(rules.categories.path(category.code)[-1].label),
    }


def _conditions(asked: RequestsQuery, view: View) -> list[sa.ColumnElement[bool]]:
    ids, codes, states = (_parts(each) for each in (asked.service_request_id, asked.service_code, asked.status))
    if ids:
        return [*Which(view.scope).conditions(), incidents.c.incident_id.in_(ids)]
    end = asked.end_date or desk_of(view).now()
    start = asked.start_date or end - _PERIOD
    is_open = states[0] == "open" if len(set(states)) == 1 else None
    # The end is meant to be included, at the finest that is stored.
    which = Which(view.scope, start=start, end=end + timedelta(microseconds=1), open=is_open)
    return which.conditions() + ([incidents.c.category.in_(codes)] if codes else [])


def _told(view: View, conditions: list[sa.ColumnElement[bool]], limit: int, offset: int) -> list[dict[str, Any]]:
    last = sa.and_(
        incident_steps.c.incident_id == incidents.c.incident_id, incident_steps.c.sequence == incidents.c.sequence
    )
    query = sa.select(incidents, incident_steps.c.at.label("updated")).outerjoin(incident_steps, last)
    query = query.where(*conditions).order_by(incidents.c.reported_at.desc(), incidents.c.incident_id)
    with reading(view.watch.store.engine) as connection:
        rows = connection.execute(query.limit(limit).offset(offset)).all()
    rules = desk_of(view).handling
    return [_request(incident_of(row._mapping), row.updated, view, rules) for row in rows]


def _request(incident: Incident, updated: datetime | None, view: View, rules: Handling) -> dict[str, Any]:
    """Return a request; words, address and reporter are for `/v1/incidents`, where each look is recorded."""
    values = told(incident, view)
    category = rules.categories.by_code.get(incident.category)
    known = rules.workflows.get(incident.workflow)
    stage = None if known is None else known.states.get(incident.state)
    return {
        "service_request_id": incident.incident_id,
        "status": "open" if incident.closed_at is None else "closed",
        "status_notes": incident.state if stage is None else _both(stage.label),
        "service_name": incident.category_said if category is None else _both(category.label),
        "service_code": incident.category,
        "description": None,
        "agency_responsible": incident.grid_code,
        "service_notice": None,
        "requested_datetime": values["reported_at"],
        "updated_datetime": values["reported_at"] if updated is None else updated.isoformat(),
        "expected_datetime": values["due_at"],
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": values["lat"],
        "long": values["lon"],
        "media_url": None,
    }
