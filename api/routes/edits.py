"""Edits of a draft: made, tried, taken back; two planners never overwrite each other unseen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request
from fastapi.responses import Response

from api.access import View, ViewOf, needs
from api.drafts import Draft, drafts_of, person, planned, tag_of
from api.edit_models import EXAMPLES, EditAnswer, EditBody, Edits, Moved, Said, edit_out, parameters_of
from api.models import GridFeature, GridProperties
from api.problems import CONFLICT, INVALID, PRECONDITION, TOO_LARGE, ProblemError
from api.tables import table_of
from gridplan.errors import EditRefused, StaleBaseError, UnknownCodeError
from gridplan.plan import Plan
from gridplan.store import PlanInfo
from gridplan.store.keys import Role

router = APIRouter(prefix="/plans", tags=["edits"])
# A search over more units takes longer than a request may; it is a job.
MOST_UNITS = 1_500
# Others who save at the same moment are few; who loses is tried again on what they saved.
_TRIES = 5
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The `ETag` that was seen; 412 where others edited since.")
]


@router.post("/{plan_id}/edits", **needs(Role.PLANNER, errors=(404, 409, 412, 413)))
def edit(
    plan_id: str,
    asked: Annotated[EditBody, Body(openapi_examples=EXAMPLES)],
    view: ViewOf,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> EditAnswer:
    """
    Edit a draft, or, with `dry_run`, tell what an edit would do.

    A rule that would break is refused with 409 and the violations; `force` keeps the edit and names them.
    """
    drafts = drafts_of(request)
    for _ in range(_TRIES):
        info = planned(plan_id, view)
        _require_seen(info, asked.revision, if_match, view)
        draft = drafts.get(info)
        edited = _edited(draft, asked, view)
        if asked.dry_run:
            response.headers["ETag"] = draft.tag
            return _answer(draft, edited, info, saved=False)
        try:
            saved = view.watch.store.save_edits(plan_id, edited, by=person(view))
        except StaleBaseError:
            continue  # an edit is a step, not a state: it is made on what others saved, unless the caller said more
        response.headers["ETag"] = drafts.put(saved, edited).tag
        return _answer(draft, edited, saved, saved=True)
    raise ProblemError(CONFLICT, f"{plan_id} is edited by others all the time; try again")


@router.get("/{plan_id}/edits", **needs(Role.PLANNER, errors=(404,)))
def edits(plan_id: str, view: ViewOf, response: Response) -> Edits:
    """Return every edit of a plan, oldest first, those taken back and the taking back too."""
    info = planned(plan_id, view)
    response.headers["ETag"] = tag_of(info)
    made = [edit_out(record) for record in view.watch.store.edits(plan_id)]
    return Edits(plan_id=plan_id, revision=info.revision, edits=made)


def _edited(draft: Draft, asked: Any, view: View) -> Plan:
    """Make an edit on a plan in memory."""
    plan = draft.plan
    if asked.action == "replan":
        _require_small(plan, asked.parameters.codes)
    try:
        return plan.edit(
            asked.action,
            parameters_of(asked, plan),
            author=person(view),
            reason=asked.reason,
            force=asked.force,
        )
    except EditRefused as error:
        said = [error.text(lang).replace("force=True", "`force`") for lang in ("en", "zh")]
        extra = {"violations": list(error.violations), "detail_zh": said[1]}
        raise ProblemError(CONFLICT, said[0], extra=extra) from error
    except UnknownCodeError as error:
        raise ProblemError(
            INVALID, f"body.parameters: {error}", extra={"detail_zh": f"body.parameters：{error.text('zh')}"}
        ) from error


def _require_small(plan: Plan, codes: list[str] | str) -> None:
    state = plan.state
    units = len(state.label) if isinstance(codes, str) else len(state.units_of(state.grids_named(codes)))
    if units > MOST_UNITS:
        raise ProblemError(
            TOO_LARGE,
            f"expected at most {MOST_UNITS} units to be cut anew while you wait; found {units}: ask for a job with "
            "POST /v1/plans/{plan_id}/replan",
        )


def _require_seen(info: PlanInfo, revision: int | None, if_match: str | None, view: View) -> None:
    """Refuse an edit of who has not seen the newest revision, and tell what changed since."""
    if revision is not None and revision != info.revision:
        raise ProblemError(CONFLICT, _changed(info, revision), extra={"changed": _since(info, revision, view)})
    if if_match is None or if_match.strip() == "*":
        return
    tags = [tag.strip() for tag in if_match.split(",")]
    if tag_of(info) not in tags:
        seen = _revision_in(tags[0])
        raise ProblemError(PRECONDITION, _changed(info, seen), extra={"changed": _since(info, seen, view)})


def _changed(info: PlanInfo, seen: int | None) -> str:
    what = "another state" if seen is None else f"revision {seen}"
    return f"{info.plan_id} is at revision {info.revision}; you saw {what}. See what changed, and make the edit again"


def _revision_in(tag: str) -> int | None:
    digits = tag.removeprefix("W/").strip('"').removeprefix("r")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def _since(info: PlanInfo, seen: int | None, view: View) -> list[dict[str, Any]]:
    """Return who edited what since a revision."""
    if seen is None or not 0 <= seen <= info.revision:
        return []
    made = view.watch.store.edits(info.plan_id)
    known = view.watch.store.edits(info.plan_id, revision=seen)
    return [
        {
            **{name: getattr(record, name) for name in ("edit_id", "action", "author", "reason")},
            "at": record.at.isoformat(),
            "grids": sorted({str(row["grid_code"]) for row in record.effects.grids}),
        }
        for record in made[len(known) :]
    ]


def _answer(draft: Draft, edited: Plan, info: PlanInfo, *, saved: bool) -> EditAnswer:
    record = edited.edits[-1]
    touched = {str(row["grid_code"]) for row in record.effects.grids}
    mine = edited.grids[edited.grids["grid_code"].isin(touched)]
    effects = record.effects
    return EditAnswer(
        plan_id=info.plan_id,
        revision=info.revision,
        saved=saved,
        edit=edit_out(record),
        said=Said(zh=effects.lines("zh"), en=effects.lines("en")),
        gone=sorted(set(draft.plan.grids["grid_code"]) - set(edited.grids["grid_code"])),
        grids=_features(mine, info.plan_id),
        moved=[Moved(source=one, target=other, units=list(units)) for one, other, units in record.delta.moved],
    )


def _features(grids: Any, plan_id: str) -> list[GridFeature]:
    import json

    table = table_of({plan_id: grids}) if len(grids) else None
    if table is None:
        return []
    return [
        GridFeature(
            id=code, properties=GridProperties(grid_code=code, **_own(row)), geometry=json.loads(shape), type="Feature"
        )
        for code, row, shape in zip(table.codes.tolist(), table.rows, table.shapes, strict=True)
    ]


def _own(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "grid_code"}
