"""Whether a plan may go on: another person's approval and days of public notice, where the rules ask for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gridplan.errors import PlanStateError
from gridplan.rule_parts import ApprovalRules
from gridplan.store.records import Event, PlanInfo, State


def approval_rules(reports: Iterable[Mapping[str, Any]]) -> ApprovalRules:
    """
    Return what the reports of plans ask for, the strictest of each.

    Parameters
    ----------
    reports
        Of the plan itself and of those that it would replace: nobody escapes approval by changing the rules of his
        own plan.
    """
    asked = [ApprovalRules(**report.get("rules", {}).get("approval", {})) for report in reports]
    return ApprovalRules(
        any(rules.approver_differs for rules in asked), max((rules.notice_days for rules in asked), default=0)
    )


def require_approvable(
    info: PlanInfo, rules: ApprovalRules, history: Sequence[Event], authors: Collection[str], by: str, at: datetime
) -> None:
    """
    Refuse an approval that the rules do not allow.

    Parameters
    ----------
    info
        The plan.
    rules
        What they ask for.
    history
        Its events.
    authors
        Who made it: author and editors.
    by, at
        Who approves, and when.

    Raises
    ------
    PlanStateError
        If it was made or submitted by the same person, or the days of notice are not over.
    """
    submitted = _last(history, "submit")
    if submitted is None:
        raise PlanStateError(f"{info.plan_id} was not submitted; run `gridplan plans submit {info.plan_id}`")
    made = {_same(name) for name in (*authors, submitted.by)}
    if rules.approver_differs and _same(by) in made:
        raise PlanStateError(f"{info.plan_id}: {by} made or submitted it; the rules ask for another person's approval")
    over = submitted.at + timedelta(days=rules.notice_days)
    if at < over:
        raise PlanStateError(
            f"{info.plan_id}: the rules ask for {rules.notice_days} days of public notice; it was submitted at "
            f"{submitted.at:%Y-%m-%d %H:%M} UTC, so it can be approved from {over:%Y-%m-%d %H:%M} UTC on"
        )


def require_approved(info: PlanInfo, rules: ApprovalRules, history: Sequence[Event], authors: Collection[str]) -> None:
    """
    Refuse to publish what lacks the approval that the rules ask for.

    Parameters
    ----------
    info, rules, history, authors
        As for `require_approvable`.

    Raises
    ------
    PlanStateError
        If it was not approved, or not as these rules ask it.
    """
    if rules == ApprovalRules():
        return
    approved = _last(history, "approve")
    if info.state != State.APPROVED or approved is None:
        step = "submit" if info.state == State.DRAFT else "approve"
        raise PlanStateError(
            f"{info.plan_id} is {info.state.value}; the rules ask that it is approved before it is published: "
            f"run `gridplan plans {step} {info.plan_id}`"
        )
    require_approvable(info, rules, history, authors, approved.by, approved.at)


def _last(history: Sequence[Event], action: str) -> Event | None:
    return next((event for event in reversed(history) if event.action == action), None)


def _same(name: str) -> str:
    return " ".join(name.casefold().split())
