"""Edits as they are asked for and answered; the same actions and words as in notebooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models import Degrees, GridFeature, Strict
from gridplan.plan import Plan

_LARGEST = 10**9


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("expected a text without the character NUL")
    return text


def _moderate(value: Any) -> Any:
    """Refuse numbers in rules that no household, minute or weight has, before arithmetic meets them."""
    if isinstance(value, dict):
        return {_storable(str(key)): _moderate(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_moderate(each) for each in value]
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"expected numbers between -{_LARGEST} and {_LARGEST}; found {value}")
    return value


Text = Annotated[str, AfterValidator(_storable)]
Code = Annotated[Text, Field(min_length=1, max_length=64)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=5_000)]
Ids = Annotated[list[Annotated[Text, Field(min_length=1, max_length=200)]], Field(max_length=100_000)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Reason = Annotated[Text, Field(max_length=2_000)]
RuleTable = Annotated[dict[str, Any], AfterValidator(_moderate)]
Effort = Literal["quick", "normal", "best"]
GridKind = Literal["basic", "rural", "exclusive", "micro"]


class Line(Strict):
    """A drawn line, as GeoJSON has it: longitude and latitude in WGS 84 degrees."""

    type: Literal["LineString"] = "LineString"
    coordinates: Annotated[list[tuple[Degrees, Degrees]], Field(min_length=2, max_length=10_000)]


class MergeParameters(Strict):
    """Grids of one community and kind that become one."""

    codes: Annotated[list[Code], Field(min_length=2, max_length=1_000)]
    name: Name | None = None


class SplitParameters(Strict):
    """A grid that becomes several: by search, or along a line."""

    code: Code
    into: int | None = Field(None, ge=2, le=1_000, description="Number of grids; chosen by the band where left out.")
    along: Line | None = Field(None, description="A line to split along; then without `into`.")


class MoveParameters(Strict):
    """Units or buildings that go to another grid."""

    units: Ids
    to: Code


class FollowParameters(Strict):
    """Two grids between which the boundary follows a street."""

    one: Code
    two: Code
    street: Line


class RedrawParameters(Strict):
    """Units or buildings of several grids at once; any word that is no code stands for a new grid."""

    grids: Annotated[dict[Code, Ids], Field(min_length=1, max_length=1_000)]


class CodesParameters(Strict):
    """Grids."""

    codes: Codes


class RenameParameters(Strict):
    """A grid and its new name."""

    code: Code
    name: Name


class KindParameters(Strict):
    """Grids and their new kind."""

    codes: Codes
    kind: GridKind


class ReplanParameters(Strict):
    """Grids to be cut anew."""

    codes: Codes | Literal["unlocked"] = "unlocked"
    rules: RuleTable | None = Field(None, description="Keys of the rules that become others, for the whole plan.")
    effort: Effort = "quick"


class NoParameters(Strict):
    """Nothing."""


class Asked(Strict):
    """What every edit may say beside its own parameters."""

    reason: Reason = Field("", description="Why; shown in the history.")
    force: bool = Field(False, description="Keep the edit though a rule breaks; the breach is named in `violations`.")
    dry_run: bool = Field(False, description="Answer what the edit would do, and keep nothing.")
    revision: int | None = Field(
        None, ge=0, description="The revision that was seen; 409 where others edited since. `If-Match` says the same."
    )


class Merge(Asked):
    """Make one grid of several."""

    action: Literal["merge"]
    parameters: MergeParameters


class Split(Asked):
    """Make several grids of one."""

    action: Literal["split"]
    parameters: SplitParameters


class Move(Asked):
    """Put units into another grid."""

    action: Literal["move"]
    parameters: MoveParameters


class Follow(Asked):
    """Let a boundary follow a street."""

    action: Literal["follow"]
    parameters: FollowParameters


class Redraw(Asked):
    """Draw several grids at once."""

    action: Literal["redraw"]
    parameters: RedrawParameters


class Lock(Asked):
    """Lock or unlock grids."""

    action: Literal["lock", "unlock"]
    parameters: CodesParameters


class Rename(Asked):
    """Give a grid another name."""

    action: Literal["rename"]
    parameters: RenameParameters


class ChangeKind(Asked):
    """Change the kind of grids."""

    action: Literal["change_kind"]
    parameters: KindParameters


class Replan(Asked):
    """Cut grids anew; a large selection is a job (`POST /v1/plans/{plan_id}/replan`)."""

    action: Literal["replan"]
    parameters: ReplanParameters = Field(default_factory=lambda: ReplanParameters.model_validate({}))


class Back(Asked):
    """Take the last edit back, or make it again."""

    action: Literal["undo", "redo"]
    parameters: NoParameters = NoParameters()


EditBody = Annotated[
    Merge | Split | Move | Follow | Redraw | Lock | Rename | ChangeKind | Replan | Back, Field(discriminator="action")
]
EXAMPLES: dict[str, Any] = {
    "merge": {
        "summary": "Merge two grids, if nobody edited since",
        "value": {
            "action": "merge",
            "parameters": {"codes": ["230718001001001", "230718001001002"]},
            "reason": "两格人少",
            "revision": 0,
        },
    },
    "try": {
        "summary": "See what moving a building would do",
        "value": {"action": "move", "parameters": {"units": ["b12"], "to": "230718001001002"}, "dry_run": True},
    },
    "along": {
        "summary": "Split along a line",
        "value": {
            "action": "split",
            "parameters": {"code": "230718001001001", "along": {"coordinates": [[129.0, 47.7], [129.1, 47.7]]}},
        },
    },
    "undo": {"summary": "Take the last edit back", "value": {"action": "undo"}},
}


class EditOut(BaseModel):
    """An edit as the history keeps it."""

    edit_id: str = Field(examples=["0001-9f86d081"])
    action: str
    parameters: dict[str, Any]
    author: str
    at: datetime
    reason: str
    forced: bool = Field(description="Whether its author insisted on a breach of a rule.")
    base: str = Field(description="`edit_id` of the edit before, or nothing.")
    effects: dict[str, Any] = Field(description="Grids before and after, violations gained and lost, boundary, moved.")


class Moved(BaseModel):
    """Units that went from one grid to another."""

    source: str
    target: str
    units: list[str]


class Said(BaseModel):
    """What an edit did, in words."""

    zh: list[str]
    en: list[str]


class EditAnswer(BaseModel):
    """What an edit did, or would do."""

    plan_id: str
    revision: int = Field(description="Of the draft, with the edit where it was saved.")
    saved: bool
    edit: EditOut
    said: Said
    gone: list[str] = Field(description="Codes that no grid has any more.")
    grids: list[GridFeature] = Field(description="The grids that it changed or made, as they are afterwards.")
    moved: list[Moved]


class Edits(BaseModel):
    """The edits of a plan, oldest first."""

    plan_id: str
    revision: int
    edits: list[EditOut]


class Breach(BaseModel):
    """A departure from a rule."""

    model_config = ConfigDict(extra="allow")

    rule: str
    grid_code: str
    value: int
    limit: int
    reason: str
    proven: int
    subject: str | None


def edit_out(record: Any) -> EditOut:
    """Return a record of the history without how it is taken back."""
    values = record.to_dict()
    return EditOut(**{name: values[name] for name in EditOut.model_fields})


def parameters_of(body: Any, plan: Plan) -> dict[str, Any]:
    """
    Return the parameters of an edit as `gridplan.plan.Plan.edit` takes them.

    Parameters
    ----------
    body
        Any of `EditBody`.
    plan
        The plan: new rules are filled up with its own.

    Raises
    ------
    RulesError
        If rules are given that are none.
    """
    from gridplan.editing.cutting import rules_table

    given: dict[str, Any] = body.parameters.model_dump(exclude_none=True)
    for name in ("along", "street"):
        if name in given:
            given[name] = {**given[name], "crs": "EPSG:4326"}
    if "rules" in given:
        given["rules"] = rules_table(given["rules"], plan.report)
    return given
