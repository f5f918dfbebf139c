"""Drafts: begun from a plan or cut from a source, revised and cut anew by jobs, and read grid by grid while edited."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.access import View, ViewOf, needs
from api.drafts import drafts_of, person, planned, tag_of
from api.job_models import IN_FORCE, JobOut, PlanBody, ReplanBody, ReviseBody, SourceOut, Sources, job_out
from api.models import PlanOut
from api.problems import CONFLICT, INVALID, ProblemError
from api.routes.jobs import queue_of
from api.routes.plans import plan_out
from gridplan.errors import RulesError, UnknownCodeError
from gridplan.jobs import Job, Kind
from gridplan.jobs.registry import Registered
from gridplan.jobs.work import SOURCE
from gridplan.rules import rules_from
from gridplan.store import PlanInfo, State, chain
from gridplan.store.keys import Role

router = APIRouter(tags=["drafts"])
_MADE: dict[str, Any] = {
    **needs(Role.PLANNER, errors=(404, 409)),
    "responses": {
        **needs(Role.PLANNER, errors=(404, 409))["responses"],
        201: {"model": PlanOut, "description": "A branch: the draft is there"},
        202: {"model": JobOut, "description": "A job makes the draft"},
    },
}
_BY_JOB: dict[str, Any] = {**needs(Role.PLANNER, errors=(404, 409)), "status_code": 202}


@router.get("/sources", **needs(Role.PLANNER))
def sources(view: ViewOf, request: Request) -> Sources:
    """Return the sources that the operator registered for the key's scope."""
    mine = [source for source in registered(request).values() if source.scope.startswith(view.scope)]
    return Sources(sources=[SourceOut(name=each.name, title=each.title, scope=each.scope) for each in mine])


@router.post("/plans", status_code=201, response_model=PlanOut | JobOut, **_MADE)
def new_plan(asked: PlanBody, view: ViewOf, request: Request, response: Response) -> PlanOut | JobOut:
    """Begin a draft: at once from a plan in the store, or by a job from a registered source."""
    if asked.source is not None:
        _require_rules(asked.rules)
        scope = _source(asked.source, view, request).scope
        request_ = asked.model_dump(include={"source", "rules", "effort", "time_limit_s", "name", "reason"})
        return _queued(view, request, response, Kind.PLAN, scope, (scope,), request_)
    draft = _branched(asked, view)
    response.headers["Location"] = f"/v1/plans/{draft.plan_id}"
    response.headers["ETag"] = tag_of(draft)
    return plan_out(draft, view)


@router.post("/plans/{plan_id}/revise", **_BY_JOB)
def revise(plan_id: str, asked: ReviseBody, view: ViewOf, request: Request, response: Response) -> JobOut:
    """Revise the grids of a plan for the households that a registered source counts now; a job makes a new draft."""
    info = planned(plan_id, view)
    _require_rules(asked.rules)
    name = asked.source or _own_source(info, view)
    if _source(name, view, request).scope != info.scope:
        raise ProblemError(INVALID, f"body.source: expected a source of {info.scope}; found {name}, of other ground")
    options = {"mode": asked.mode, **({} if asked.budget is None else {"budget": asked.budget})}
    kept = asked.model_dump(include={"rules", "effort", "time_limit_s", "name", "reason"})
    request_ = {**kept, "plan_id": plan_id, "source": name, "revise": options}
    return _queued(view, request, response, Kind.REVISE, info.scope, (info.scope,), request_)


@router.post("/plans/{plan_id}/replan", **_BY_JOB)
def replan(plan_id: str, asked: ReplanBody, view: ViewOf, request: Request, response: Response) -> JobOut:
    """Cut grids of a draft anew, or all that are not locked; a job makes one edit of it."""
    info = planned(plan_id, view)
    if info.state != State.DRAFT:
        raise ProblemError(CONFLICT, f"{plan_id} is {info.state.value}; only a draft can be edited")
    _require_rules(asked.rules)
    state = drafts_of(request).get(info).plan.state
    try:
        grids = range(len(state.codes)) if isinstance(asked.codes, str) else state.grids_named(asked.codes)
    except UnknownCodeError as error:
        raise ProblemError(INVALID, f"body.codes: {error}") from error
    holds = sorted({str(state.ground.communities[state.community[grid]]) for grid in grids})
    request_ = {**asked.model_dump(), "plan_id": plan_id}
    return _queued(view, request, response, Kind.REPLAN, info.scope, tuple(holds), request_)


def registered(request: Request) -> dict[str, Registered]:
    """Return the sources that the operator registered."""
    found: dict[str, Registered] = request.app.state.sources
    return found


def _branched(asked: PlanBody, view: View) -> PlanInfo:
    store = view.watch.store
    info = _in_force(view) if asked.base == IN_FORCE else planned(str(asked.base), view)
    name = asked.name or info.name
    plan = store.begin(info.plan_id, name=name) if info.number is not None else store.load(info.plan_id).branch(name)
    return store.save_draft(plan, author=person(view), name=name, scope=info.scope, reason=asked.reason)


def _in_force(view: View) -> PlanInfo:
    """Return the one plan in force that the key may plan."""
    found = [info for info in view.moment.in_force(view.moment.today) if info.scope.startswith(view.scope)]
    if len(found) != 1:
        named = ", ".join(info.plan_id for info in found) or "none"
        raise ProblemError(CONFLICT, f"body.base: expected one plan in force in your scope; found {named}: name it")
    return found[0]


def _own_source(info: PlanInfo, view: View) -> str:
    name = view.watch.store.load(info.plan_id).report.get(SOURCE)
    if not name:
        raise ProblemError(INVALID, "body.source: the plan was not made from a registered source; name one")
    return str(name)


def _source(name: str, view: View, request: Request) -> Registered:
    found = registered(request).get(name)
    if found is None or not found.scope.startswith(view.scope):
        raise ProblemError(INVALID, f"body.source: no source {name!r} is registered; GET /v1/sources names all")
    return found


def _require_rules(table: dict[str, Any] | None) -> None:
    """Refuse at once what the job would be refused for after a while."""
    try:
        rules_from(table or {})
    except RulesError as error:
        raise ProblemError(INVALID, f"body.rules: {error}") from error


def _queued(
    view: View,
    request: Request,
    response: Response,
    kind: Kind,
    scope: str,
    holds: tuple[str, ...],
    asked: dict[str, Any],
) -> JobOut:
    limit_s = request.app.state.settings.job_limit_s
    kept = {**asked, "request_id": chain.request.get()}
    job: Job = queue_of(view).add(kind, scope=scope, holds=holds, request=kept, by=person(view), limit_s=limit_s)
    response.status_code = 202
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return job_out(job)
