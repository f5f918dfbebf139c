"""The plans of the store: what there is, what a plan comes to, what became of one in another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from fastapi import APIRouter, Query
from pydantic import Field

from api.access import View, ViewOf, needs
from api.models import DiffOut, DiffPair, PlanDetail, PlanOut, Plans, Strict
from api.problems import NOT_FOUND, ProblemError
from api.standing import within
from gridplan.diff import diff_plans
from gridplan.store import PlanInfo, State
from gridplan.store.keys import Role

if TYPE_CHECKING:
    from gridplan.plan import Plan

router = APIRouter(prefix="/plans", tags=["plans"])


class PlansQuery(Strict):
    """Which plans."""

    state: State | None = Field(None, description="Only those in this state; drafts are for planners.")


@router.get("", **needs(Role.VIEWER))
def plans(asked: Annotated[PlansQuery, Query()], view: ViewOf) -> Plans:
    """Return the plans that were published; to planners also drafts and what is on its way."""
    found = (plan_out(info, view) for info in _visible(view))
    return Plans(plans=[plan for plan in found if asked.state in {None, plan.state}])


@router.get("/{plan_id}", **needs(Role.VIEWER, errors=(404,)))
def plan(plan_id: str, view: ViewOf) -> PlanDetail:
    """Return one plan, with sums over its grids."""
    info = info_of(plan_id, view)
    grids = _grids(info, view)
    return PlanDetail(
        **plan_out(info, view).model_dump(),
        grids=len(grids),
        communities=grids["community_code"].nunique(),
        households=int(grids["households"].sum()),
        work_min=int(grids["work_min"].sum()),
        area_m2=float(grids["area_m2"].sum()),
    )


@router.get("/{plan_id}/diff/{other}", **needs(Role.VIEWER, errors=(404,)))
def diff(plan_id: str, other: str, view: ViewOf) -> DiffOut:
    """Return which grids of a plan became which of another, with households and shares."""
    infos = [info_of(each, view) for each in (plan_id, other)]
    found = diff_plans(*(_part(view.watch.store.load(info.plan_id), view.scope) for info in infos)).to_dict()
    pairs = [DiffPair(**pair) for pair in found.pop("pairs")]
    return DiffOut(old=infos[0].plan_id, new=infos[1].plan_id, pairs=pairs, **found)


def _visible(view: View) -> Iterable[PlanInfo]:
    """Yield the plans that the key sees: those with ground in its scope; what is not published, to planners alone."""
    published = {info.plan_id: info for info in view.moment.published}
    if view.key.role.may(Role.PLANNER):
        others = [info for info in view.watch.store.plans() if info.plan_id not in published]
        yield from (info for info in others if info.number is None and info.scope.startswith(view.scope))
    for info in published.values():
        if info.scope.startswith(view.scope) or _wider(info, view):
            yield info


def _wider(info: PlanInfo, view: View) -> bool:
    """Tell whether a published plan of more than the scope has grids in it."""
    return view.scope.startswith(info.scope) and len(view.moment.shelf.grids(info.plan_id, view.scope)) > 0


def info_of(plan_id: str, view: View) -> PlanInfo:
    """
    Return a plan by its whole id; one that is not seen is answered as one that is not.

    Raises
    ------
    ProblemError
        If the key sees no such plan.
    """
    found = next((info for info in _visible(view) if info.plan_id == plan_id), None)
    if found is None:
        raise ProblemError(NOT_FOUND, f"there is no plan {plan_id[:40]!r}")
    return found


def plan_out(info: PlanInfo, view: View) -> PlanOut:
    """Return a plan without what would tell of others: its number in the store, and a scope beyond the key's."""
    fields = {name: value for name, value in asdict(info).items() if name in PlanOut.model_fields}
    scope = max(info.scope, view.scope, key=len)
    return PlanOut(**{**fields, "scope": scope, "in_force": info.in_force(view.moment.today)})


def _grids(info: PlanInfo, view: View) -> pd.DataFrame:
    published = info.number is not None
    frame = view.moment.shelf.grids(info.plan_id, "") if published else view.watch.store.load(info.plan_id).grids
    return pd.DataFrame(frame[within(frame["grid_code"], view.scope)])


def _part(plan: Plan, scope: str) -> Plan:
    """Return the part of a plan that a scope sees."""
    mine = {name: getattr(plan, name) for name in ("grids", "units")}
    return replace(plan, **{name: frame[within(frame["grid_code"], scope)] for name, frame in mine.items()})
