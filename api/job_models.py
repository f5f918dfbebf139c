"""Jobs, and the plans that they make, as they are asked for and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.edit_models import Codes, Effort, Name, Reason, RuleTable
from api.models import Link, Strict
from gridplan.jobs import Job, JobState, Kind

Seconds = Field(None, gt=0, le=86_400, description="Begin no further search after so many seconds.")
IN_FORCE = "in-force"


class PlanBody(Strict):
    """A new draft: a branch of a plan in the store, made at once; or a source cut afresh, by a job."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"base": IN_FORCE, "name": "三季度"},
                {"source": "wucui", "rules": {"maximum": 450}, "effort": "normal", "name": "三季度"},
            ]
        },
    )
    base: Name | None = Field(
        None, description=f"Id of a plan, or `{IN_FORCE}`: the draft begins with its grids. Then without the others."
    )
    source: Name | None = Field(None, description="A source that `GET /v1/sources` names: it is cut afresh.")
    rules: RuleTable | None = Field(None, description="Keys of the rules that differ from the source's own.")
    effort: Effort | None = None
    time_limit_s: float | None = Seconds
    name: Name | None = None
    reason: Reason = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.base is None) == (self.source is None):
            raise ValueError(f"expected base or source; found {'neither' if self.base is None else 'both'}")
        given = [name for name in ("rules", "effort", "time_limit_s") if getattr(self, name) is not None]
        if self.base is not None and given:
            raise ValueError(f"a branch is made as its base is; found {', '.join(given)} (edits change it)")
        return self


class ReviseBody(Strict):
    """The grids of a plan, repaired for the households that a source counts now."""

    source: Name | None = Field(None, description="A registered source; by default the one that it was made from.")
    mode: Literal["repair", "balance", "free"] = "repair"
    budget: float | None = Field(None, ge=0, le=1, description="Share of households that `balance` may move.")
    rules: RuleTable | None = Field(None, description="Keys of the rules that differ from the plan's.")
    effort: Effort = "normal"
    time_limit_s: float | None = Seconds
    name: Name | None = None
    reason: Reason = ""


class ReplanBody(Strict):
    """Grids of a draft to be cut anew, as one edit of it."""

    codes: Codes | Literal["unlocked"] = "unlocked"
    rules: RuleTable | None = Field(None, description="Keys of the rules that become others, for the whole plan.")
    effort: Effort = "normal"
    force: bool = False
    reason: Reason = ""


class JobError(BaseModel):
    """Why a job failed."""

    model_config = ConfigDict(extra="allow")

    kind: str = Field(
        description="`bad-input`, `rules`, `codes`, `refused`, `stale`, `not-found`, `cluster`, `store`, `time-limit`, "
        "`worker-died`, `worker-lost` or `internal`."
    )
    detail: str
    faults: list[dict[str, Any]] | None = Field(None, description="For bad input: all faults of the source.")


class JobOut(BaseModel):
    """A job."""

    job_id: str
    kind: Kind
    scope: str
    state: JobState
    stage: str = Field(description="`waiting`, `reading`, `planning`, `saving`; nothing when it is over.")
    done: int = Field(description="Communities planned.")
    total: int = Field(description="Of how many; 0 where that is not known.")
    by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    limit_s: float = Field(description="Seconds that it may run.")
    source: str | None = Field(description="The registered source that it reads.")
    base: str | None = Field(description="The plan that it revises or cuts anew.")
    plan_id: str | None = Field(description="The draft that it made or changed, once it is done.")
    error: JobError | None
    resumable: bool
    links: list[Link]


class Jobs(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobOut]


class SourceOut(BaseModel):
    """A source that plans may be made from."""

    name: str
    title: str
    scope: str


class Sources(BaseModel):
    """Registered sources, by name."""

    sources: list[SourceOut]


def job_out(job: Job) -> JobOut:
    """Return a job as it is answered."""
    own = {name: getattr(job, name) for name in JobOut.model_fields if hasattr(job, name)}
    path = f"/v1/jobs/{job.job_id}"
    links = [Link(rel="self", href=path), Link(rel="events", href=f"{path}/events")]
    if job.plan_id is not None:
        links.append(Link(rel="result", href=f"/v1/plans/{job.plan_id}"))
    return JobOut(**own, source=job.request.get("source"), base=job.request.get("plan_id"), links=links)
