"""What the map viewer asks for: who it is, the grids, the lines between them, the units of a draft."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.answers import answer
from api.basemap import MOST_ZOOM, Basemap
from api.drafts import drafts_of
from api.models import Day, Strict
from api.packed import answer_packed
from api.roster import Roster
from api.routes.plans import info_of
from api.viewing import Drawings, Load
from gridplan.store import PlanInfo
from gridplan.store.keys import Role

router = APIRouter(prefix="/viewer", tags=["viewer"])


class BasemapOut(BaseModel):
    """Where the tiles of the base map come from."""

    url: str = Field(description="Template with {z}, {x} and {y}.")
    labels: str | None = Field(None, description="Template of a layer of names above it.")
    attribution: str
    most_zoom: int


class Session(BaseModel):
    """What the viewer must know of the key that it was given."""

    name: str = Field(description="Whom or what the key is for.")
    role: Role
    scope: str
    today: date
    now: datetime = Field(description="The service's clock, UTC.")
    addresses: bool = Field(description="Whether addresses can be asked for.")
    workers: bool = Field(description="Whether this key is told who answers for a grid.")
    basemap: BasemapOut | None = Field(description="The base map that the operator has set, or null.")


class Duty(BaseModel):
    """Who answers for a grid."""

    worker: str | None = Field(description="Null where nobody does.")
    deputies: list[str]


class Duties(BaseModel):
    """Who answers for grids; one that the list does not name is not in it."""

    grids: dict[str, Duty]


class GroundQuery(Strict):
    """Which grids: those in force on a day, or those of a plan."""

    at: Day = None
    plan_id: str | None = Field(None, description="A plan, published or (to planners) a draft; else those in force.")


class UnitsQuery(Strict):
    """Which units."""

    community_code: str | None = Field(None, description="Those of this community; all by default.")


@router.get("/session", **needs(Role.VIEWER))
async def session(view: ViewOf, request: Request) -> Session:
    """Return who asks, and what there is for the viewer to show."""
    addresses = request.app.state.settings.addresses is not None
    key = view.key
    return Session(
        name=key.name or key.key_id, role=key.role, scope=key.scope, today=view.moment.today, now=view.watch.now(),
        addresses=addresses, workers=request.app.state.roster is not None and key.role.may(Role.DISPATCHER),
        basemap=_basemap(request),
    )  # fmt: skip


@router.get("/ground", **needs(Role.VIEWER, errors=(404,)))
async def ground(asked: Annotated[GroundQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return grids as small whole numbers: first point and steps of each ring, in millionths of a degree."""
    plans = await _asked(asked, view)
    return answer_packed(request, await run_in_threadpool(drawings_of(request).ground, view, plans, loader(request)))


@router.get("/lines", **needs(Role.VIEWER, errors=(404,)))
async def lines(asked: Annotated[GroundQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return, for each plan, barriers along which its units border each other, and the grids before it."""
    plans = await _asked(asked, view)
    drawn = [await run_in_threadpool(drawings_of(request).lines, view, plan, loader(request)) for plan in plans]
    return answer(request, f'{{"plans":[{",".join(drawn)}]}}')


@router.get("/plans/{plan_id}/units", **needs(Role.PLANNER, errors=(404,)))
async def units(plan_id: str, asked: Annotated[UnitsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return the units of a plan with their grids, households, work and cells, to be drawn and redrawn."""
    info = await run_in_threadpool(info_of, plan_id, view)
    args = (view, info, asked.community_code, loader(request))
    return answer(request, await run_in_threadpool(drawings_of(request).units, *args))


@router.get("/incidents", **needs(Role.VIEWER, errors=(404,)))
async def incidents(asked: Annotated[GroundQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return incidents as columns, each in the grid that holds it now; points only to dispatchers and above."""
    standing = await view.standing(asked.at)
    packed = await run_in_threadpool(request.app.state.spots.of, view, standing)
    return answer_packed(request, packed)


@router.get("/workers", **needs(Role.DISPATCHER))
def workers(view: ViewOf, request: Request) -> Duties:
    """Return who answers for the grids, by name, from the operator's list; empty where there is none."""
    roster: Roster | None = request.app.state.roster
    names = {} if roster is None else roster.names(view.scope)
    return Duties(grids={code: Duty(worker=worker, deputies=deputies) for code, (worker, deputies) in names.items()})


def drawings_of(request: Request) -> Drawings:
    """Return what was drawn for the viewer so far."""
    found: Drawings = request.app.state.drawings
    return found


def loader(request: Request) -> Load:
    """Return what loads a plan, from memory where it is being worked on."""
    drafts = drafts_of(request)
    return lambda info: drafts.get(info).plan


def _basemap(request: Request) -> BasemapOut | None:
    found: Basemap | None = request.app.state.basemap
    if found is None:
        return None
    return BasemapOut(url=found.url, labels=found.labels, attribution=found.credit, most_zoom=MOST_ZOOM)


async def _asked(asked: GroundQuery, view: View) -> tuple[PlanInfo, ...]:
    if asked.plan_id is not None:
        return (await run_in_threadpool(info_of, asked.plan_id, view),)
    return (await view.standing(asked.at)).plans
