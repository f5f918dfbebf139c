"""A plan's way to publication: submitted, approved, sent back, published, retired, given up; who and why is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from api.access import View, ViewOf, needs
from api.drafts import person, planned, tag_of
from api.edit_models import Reason
from api.models import PlanOut, Strict
from api.routes.plans import plan_out
from gridplan.store import PlanInfo, State, Store
from gridplan.store.keys import Role

router = APIRouter(prefix="/plans", tags=["publication"])
_ERRORS = (404, 409)


class StepBody(Strict):
    """Why, and which revision was seen."""

    reason: Reason = Field("", description="Why; kept for ever.", examples=["同意"])
    revision: int | None = Field(None, ge=0, description="The revision that was seen; 409 where others edited since.")


class BackBody(StepBody):
    """Why it goes back."""

    reason: Annotated[Reason, Field(min_length=1, description="Why; kept for ever.", examples=["请核实三号楼"])]


class PublishBody(StepBody):
    """From when on, and whether communities may lose their grids."""

    valid_from: date | None = Field(None, description="First day in force; today by default.", examples=["2026-12-01"])
    allow_fewer: bool = Field(False, description="Whether communities that have grids now may have none afterwards.")


class RetireBody(BackBody):
    """From when on it is in force no more."""

    valid_to: date | None = Field(None, description="First day on which it is not in force; today by default.")


class EventOut(BaseModel):
    """A step in the life of a plan."""

    action: str
    state: State = Field(description="Of the plan, afterwards.")
    by: str
    at: datetime
    reason: str
    digest: str = Field(description="SHA-256 of the plan as it was then.")


class History(BaseModel):
    """The life of a plan, oldest step first."""

    plan_id: str
    events: list[EventOut]


Step = Annotated[StepBody, Body()]
_NOTHING, _TODAY = StepBody.model_validate({}), PublishBody.model_validate({})


@router.get("/{plan_id}/history", **needs(Role.PLANNER, errors=(404,)))
def history(plan_id: str, view: ViewOf) -> History:
    """Return every step of a plan: who, when, why."""
    planned(plan_id, view)
    events = view.watch.store.history(plan_id)
    return History(
        plan_id=plan_id,
        events=[EventOut(**{name: getattr(each, name) for name in EventOut.model_fields}) for each in events],
    )


@router.post("/{plan_id}/submit", **needs(Role.PLANNER, errors=_ERRORS))
def submit(plan_id: str, view: ViewOf, response: Response, asked: Step = _NOTHING) -> PlanOut:
    """Submit a draft for approval; the days of public notice begin."""
    return _taken(plan_id, view, response, asked, Store.submit)


@router.post("/{plan_id}/approve", **needs(Role.PLANNER, errors=_ERRORS))
def approve(plan_id: str, view: ViewOf, response: Response, asked: Step = _NOTHING) -> PlanOut:
    """Approve a submitted plan, where the rules of approval allow it."""
    return _taken(plan_id, view, response, asked, Store.approve)


@router.post("/{plan_id}/send-back", **needs(Role.PLANNER, errors=_ERRORS))
def send_back(plan_id: str, view: ViewOf, response: Response, asked: BackBody) -> PlanOut:
    """Make a submitted or approved plan a draft again."""
    return _taken(plan_id, view, response, asked, Store.send_back)


@router.post("/{plan_id}/discard", **needs(Role.PLANNER, errors=_ERRORS))
def discard(plan_id: str, view: ViewOf, response: Response, asked: Step = _NOTHING) -> PlanOut:
    """Give up a plan that was not published; it stays readable."""
    return _taken(plan_id, view, response, asked, Store.discard)


@router.post("/{plan_id}/publish", **needs(Role.PLANNER, errors=_ERRORS))
def publish(
    plan_id: str,
    view: ViewOf,
    response: Response,
    asked: Annotated[PublishBody, Body()] = _TODAY,
) -> PlanOut:
    """Publish a plan: it is in force from a day on, and those before it until that day. Answers follow at once."""
    more = {"valid_from": asked.valid_from, "allow_fewer": asked.allow_fewer}
    return _taken(plan_id, view, response, asked, Store.publish, **more)


@router.post("/{plan_id}/retire", **needs(Role.PLANNER, errors=_ERRORS))
def retire(plan_id: str, view: ViewOf, response: Response, asked: RetireBody) -> PlanOut:
    """Take a published plan out of force with nothing in its place."""
    return _taken(plan_id, view, response, asked, Store.retire, valid_to=asked.valid_to)


def _taken(
    plan_id: str, view: View, response: Response, asked: StepBody, step: Callable[..., PlanInfo], **more: Any
) -> PlanOut:
    planned(plan_id, view)
    done = step(view.watch.store, plan_id, by=person(view), reason=asked.reason, revision=asked.revision, **more)
    if done.number is not None:
        view.watch.look()
        view = replace(view, moment=view.watch.moment)
    response.headers["ETag"] = tag_of(done)
    return plan_out(done, view)
