"""What each kind of job does: read what it needs, plan, and return how the result is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from gridplan.errors import NotInStoreError, RulesError
from gridplan.jobs.records import Job, Kind
from gridplan.jobs.registry import Registered
from gridplan.store import Store, drafts, queries, steps
from gridplan.store.engine import reading
from gridplan.store.records import PlanInfo, State, Step
from gridplan.store.register import codes_of, used_codes

if TYPE_CHECKING:
    from gridplan.district import District
    from gridplan.plan import Plan
    from gridplan.rules import Rules

Save = Callable[[sa.Connection, Step], PlanInfo]
#: Where a plan's report keeps the name of the registered source that it was made from.
SOURCE = "registered_source"


class Tell(Protocol):
    """Takes how far a job is: the stage, communities planned, and of how many."""

    def __call__(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Take it."""


@dataclass(frozen=True)
class Means:
    """
    What a job works with.

    Parameters
    ----------
    store
        The store.
    sources
        Registered sources by name.
    processes
        Processes that plan.
    cluster
        Address of a Dask scheduler that plans in their place, or None.
    """

    store: Store
    sources: Mapping[str, Registered]
    processes: int = 1
    cluster: str | None = None


def work(job: Job, means: Means, tell: Tell) -> Save:
    """
    Do what a job asks for; nothing is kept yet.

    Parameters
    ----------
    job
        The job.
    means
        What it works with.
    tell
        Told how far it is.

    Returns
    -------
    save
        Keeps the result in a writing transaction, and returns the draft.

    Raises
    ------
    GridplanError
        If the source, the rules or the plan do not allow it.
    """
    return {Kind.PLAN: _plan, Kind.REVISE: _revise, Kind.REPLAN: _replan}[job.kind](job, means, tell)


def _plan(job: Job, means: Means, tell: Tell) -> Save:
    """Cut a source afresh; where a plan is in force, codes follow it."""
    from gridplan.rules import rules_from

    source = _source(job, means, job.request["source"])
    district = _district(source, job, tell)
    rules = rules_from(job.request.get("rules") or {}, base=rules_from(district.rules))
    base = _in_force(means.store, job.scope)
    if base is not None:
        district = _with_today(district, means.store.load(base.plan_id))
    return _built(job, means, tell, district, rules, source, base, revising=False)


def _revise(job: Job, means: Means, tell: Tell) -> Save:
    """Repair the grids of a stored plan for the households of a source."""
    from gridplan.editing.state import rules_of
    from gridplan.rules import rules_from

    old = means.store.load(job.request["plan_id"])
    source = _source(job, means, job.request.get("source") or old.report.get(SOURCE))
    district = _with_today(_district(source, job, tell), old)
    table = {**(job.request.get("rules") or {}), "revise": job.request.get("revise") or {}}
    rules = rules_from(table, base=rules_of(old.report))
    base = _in_force(means.store, job.scope)
    return _built(job, means, tell, district, rules, source, base, revising=True)


def _replan(job: Job, means: Means, tell: Tell) -> Save:
    """Cut grids of a draft anew: one more edit of it."""
    asked = job.request
    tell("reading")
    plan = means.store.load(asked["plan_id"])
    tell("planning")
    made = plan.replan(
        asked.get("codes") or "unlocked",
        rules=asked.get("rules"),
        effort=asked.get("effort") or "normal",
        author=job.by,
        reason=asked.get("reason") or "",
        force=bool(asked.get("force")),
    )
    found = steps.prepared(made)

    def save(connection: sa.Connection, step: Step) -> PlanInfo:
        info = queries.info(connection, asked["plan_id"], step.today)
        digest, count = drafts.save_edits(connection, info, made, found)
        drafts.record(connection, info, "edit", State.DRAFT, step, digest=digest, details={"edits": count})
        return queries.info(connection, info.plan_id, step.today)

    return save


def _built(
    job: Job,
    means: Means,
    tell: Tell,
    district: District,
    rules: Rules,
    source: Registered,
    base: PlanInfo | None,
    *,
    revising: bool,
) -> Save:
    from gridplan.plan import build_plan

    tell("planning", 0, len(district.communities))
    made = build_plan(
        district,
        rules,
        jobs=means.processes,
        effort=job.request.get("effort") or "normal",
        time_limit=job.request.get("time_limit_s"),
        progress=lambda done, total, _code: tell("planning", done, total),
        cluster=means.cluster,
        revising=revising,
        retired=_retired(means.store, job.scope),
    )
    name = job.request.get("name") or source.title or source.name
    made = replace(made, report={**made.report, "name": name, SOURCE: source.name})
    found = steps.prepared(made)

    def save(connection: sa.Connection, step: Step) -> PlanInfo:
        on = None if base is None else base.plan_id
        return steps.insert(connection, made, found, step, name=name, scope=job.scope, base=on)

    return save


def _source(job: Job, means: Means, name: str | None) -> Registered:
    """Return a registered source that the job may plan from."""
    found = means.sources.get(name or "")
    if found is None or found.scope != job.scope:
        raise NotInStoreError(f"no source {name!r} is registered for {job.scope or 'the whole store'}")
    return found


def _district(source: Registered, job: Job, tell: Tell) -> District:
    from gridplan.sources import read_source

    tell("reading")
    district = read_source(source.path, accept=source.accept, estimate=source.estimate)
    outside = [code for code in district.communities["community_code"] if not code.startswith(job.scope)]
    if outside:
        raise RulesError(
            f"the source {source.name!r} is registered for {job.scope}; {len(outside)} of its communities have other "
            f"codes: {', '.join(outside[:5])}"
        )
    return district


def _with_today(district: District, plan: Plan) -> District:
    """Return a district whose grids of today are those of a plan."""
    from gridplan.sources.canonical import canonical
    from gridplan.sources.extras import settle_grids
    from gridplan.sources.log import FaultLog

    mine = plan.grids[plan.grids["community_code"].isin(district.communities["community_code"])]
    rows = mine.to_crs(district.crs).assign(label=mine["grid_code"], locked=mine["locked"].eq(1))
    log = FaultLog()
    settled = settle_grids(rows, district.communities, log)
    return replace(district, grids=canonical(settled, "grids", district.crs))


def _in_force(store: Store, scope: str) -> PlanInfo | None:
    return next((plan for plan in store.all_in_force(scope=scope) if plan.scope == scope), None)


def _retired(store: Store, scope: str) -> frozenset[str]:
    """Return the codes that were used in a scope and are no more."""
    ids = [plan.plan_id for plan in store.all_in_force(scope=scope)]
    with reading(store.engine) as connection:
        return frozenset(used_codes(connection, scope) - codes_of(connection, ids))
