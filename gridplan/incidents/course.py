"""
The course of an incident: which steps may be taken, and what each makes of it. Pure: one incident in, the next out.

The steps of its workflow come from data; beside them any open matter can be given to a grid, paused, resumed,
extended, handed up and down, and noted upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gridplan.errors import TransitionError
from gridplan.incidents.allowance import Allowance
from gridplan.incidents.handling import Handling
from gridplan.incidents.incident import Incident, Step
from gridplan.incidents.workflows import HOLDERS, Label, Transition

#: Steps that every open matter can take, whatever its workflow.
COMMON: Mapping[str, Label] = {
    "assign": Label("指定网格", "Give to a grid"),
    "pause": Label("挂起", "Pause"),
    "resume": Label("恢复", "Resume"),
    "extend": Label("延期", "Extend"),
    "escalate": Label("上报", "Hand up"),
    "hand_down": Label("下派", "Hand down"),
    "note": Label("备注", "Note"),
}
_PERSONS = (
    "dispatcher",
    "grid_worker",
    "community",
    "street",
    "district",
    "department",
    "inspector",
    "caller",
    "system",
)


@dataclass(frozen=True)
class Order:
    """
    A step that somebody wants to take.

    Parameters
    ----------
    action
        Of the workflow, or one of `COMMON`.
    by
        Who.
    at
        When, aware.
    role
        As what; "" takes the first role that may.
    reason
        Why; needed to pause, to extend and to hand up.
    details
        ``within`` to extend, ``rating`` and ``minutes`` with any step; ``grid_code, plan_id`` to assign.
    """

    action: str
    by: str
    at: datetime
    role: str = ""
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def legal(incident: Incident, handling: Handling, at: datetime) -> dict[str, Label]:
    """
    Return the steps that may be taken with an incident at a moment, by action.

    Parameters
    ----------
    incident, handling
        The incident, and how matters are handled.
    at
        Aware.
    """
    if incident.paused_at is not None:
        return {name: COMMON[name] for name in ("resume", "note")}
    flow = handling.workflows[incident.workflow]
    steps = {step.action: step.label for step in flow.legal(incident.state)}
    if incident.closed_at is not None:
        return {**steps, "assign": COMMON["assign"], "note": COMMON["note"]}  # it still counts in some grid
    allowed = {
        "assign": True,
        "pause": True,
        "extend": incident.due_at is not None and not incident.late(at),
        "escalate": incident.holder != HOLDERS[-1],
        "hand_down": incident.holder != HOLDERS[0],
        "note": True,
    }
    common = {name: COMMON[name] for name, may in allowed.items() if may and name not in steps}
    return {**steps, **common}


def take(incident: Incident, order: Order, handling: Handling) -> tuple[Incident, Step]:
    """
    Take a step.

    Parameters
    ----------
    incident
        As it is.
    order
        What is wanted.
    handling
        How matters are handled.

    Returns
    -------
    incident, step
        As it is afterwards, and what is recorded.

    Raises
    ------
    TransitionError
        If the step may not be taken now, by this role, or lacks what it needs; it names the legal ones.
    """
    may = legal(incident, handling, order.at)
    if order.action not in may:
        raise TransitionError(_refusal(incident, order, handling, may), tuple(may))
    flow = handling.workflows[incident.workflow]
    step = next((each for each in flow.legal(incident.state) if each.action == order.action), None)
    role = _role(order, step.roles if step is not None else _PERSONS, tuple(may))
    changed, details = _changed(incident, order, handling, step, tuple(may))
    after = replace(incident, **changed, sequence=incident.sequence + 1)
    record = Step(
        incident.incident_id,
        after.sequence,
        order.action,
        after.state,
        after.holder,
        order.by,
        role,
        order.at,
        order.reason,
        details,
    )
    return after, record


def due_after_pause(incident: Incident, handling: Handling, at: datetime) -> datetime | None:
    """Return the deadline of a paused incident that goes on at a moment: a pause takes no time."""
    within = handling.within(incident.category, incident.level)
    if incident.due_at is None or incident.paused_at is None or within is None:
        return incident.due_at
    left = within.left(incident.paused_at, incident.due_at, handling.calendar)
    return within.resumed(left, at, handling.calendar) if left > 0 else incident.due_at


def _refusal(incident: Incident, order: Order, handling: Handling, may: Mapping[str, Label]) -> str:
    state = handling.workflows[incident.workflow].states[incident.state].label
    paused = "; it is paused" if incident.paused_at is not None else ""
    names = ", ".join(f"{action} ({label.zh})" for action, label in may.items())
    return (
        f"{order.action!r} may not be done with an incident that is {state.en} ({state.zh}){paused}; "
        f"what may be done: {names}"
    )


def _role(order: Order, roles: tuple[str, ...], may: tuple[str, ...]) -> str:
    if order.role and order.role not in roles:
        raise TransitionError(
            f"role {order.role!r} may not do {order.action!r}; roles that may: {', '.join(roles)}", may
        )
    return order.role or roles[0]


def _changed(
    incident: Incident, order: Order, handling: Handling, step: Transition | None, may: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns that change, and the details that are recorded."""
    try:
        more, details = _extras(order)
        if step is not None:
            return {**more, **_moved(incident, order, handling, step)}, details
        changed, own = _COMMON_STEPS[order.action](incident, order, handling)
    except ValueError as error:
        raise TransitionError(f"{order.action}: {error}", may) from error
    return {**more, **changed}, {**details, **own}


def _extras(order: Order) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what may come with any step: how satisfied the reporter was, and what work it took."""
    known = {"rating", "minutes", "within", "grid_code", "plan_id"}
    unknown = sorted(set(order.details) - known)
    if unknown:
        raise ValueError(f"unknown details {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    found = {name: order.details[name] for name in ("rating", "minutes") if order.details.get(name) is not None}
    if found.get("rating", "satisfied") not in {"satisfied", "basic", "unsatisfied"}:
        raise ValueError(f"rating: expected satisfied, basic or unsatisfied; found {found['rating']!r}")
    if not 0 <= float(found.get("minutes", 0)) < 1e6:
        raise ValueError(f"minutes: expected 0 or more; found {found['minutes']}")
    return found, dict(found)


def _moved(incident: Incident, order: Order, handling: Handling, step: Transition) -> dict[str, Any]:
    """Return what a step of the workflow changes: the state, and what closing and reopening mean."""
    closed = handling.workflows[incident.workflow].closed(step.target)
    changed: dict[str, Any] = {"state": step.target}
    if closed and incident.closed_at is None:
        # A clock may have been set back; nothing ends before it was reported.
        return changed | {"closed_at": max(order.at, incident.reported_at), "escalate_at": None}
    if not closed and incident.closed_at is not None:
        due = handling.due(incident.category, incident.level, order.at)
        return changed | {"closed_at": None, "on_time": None, "due_at": due, "escalate_at": due}
    return changed


def _assign(incident: Incident, order: Order, _handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    code, plan_id = order.details.get("grid_code"), order.details.get("plan_id")
    if not code:
        raise ValueError("expected grid_code, the grid that it is given to")
    place = {"grid_code": code, "plan_id": plan_id, "placed_by": "person", "match_level": "", "confidence": 1.0}
    return place, {"grid_code": code, "plan_id": plan_id, "from": incident.grid_code}


def _pause(_incident: Incident, order: Order, _handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    _need_reason(order)
    return {"paused_at": order.at, "escalate_at": None}, {}


def _resume(incident: Incident, order: Order, handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    due = due_after_pause(incident, handling, order.at)
    changed = {"paused_at": None, "due_at": due, "escalate_at": _escalates(incident, due, order.at, handling)}
    return changed, {"due_at": None if due is None else due.isoformat()}


def _extend(incident: Incident, order: Order, handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    _need_reason(order)
    if incident.due_at is None:
        raise ValueError("it has no deadline")
    within = Allowance.of(str(order.details.get("within", "")))
    due = within.after(incident.due_at, handling.calendar)
    changed = {"due_at": due, "escalate_at": _escalates(incident, due, order.at, handling)}
    return changed, {"within": str(within), "due_at": due.isoformat()}


def _escalate(incident: Incident, order: Order, handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    _need_reason(order)
    holder = HOLDERS[HOLDERS.index(incident.holder) + 1]
    again = handling.escalate_after.after(order.at, handling.calendar) if incident.late(order.at) else incident.due_at
    return {"holder": holder, "escalate_at": None if holder == HOLDERS[-1] else again}, {"from": incident.holder}


def _hand_down(incident: Incident, order: Order, handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    holder = HOLDERS[HOLDERS.index(incident.holder) - 1]
    again = _escalates(replace(incident, holder=holder), incident.due_at, order.at, handling)
    return {"holder": holder, "escalate_at": again}, {"from": incident.holder}


def _note(_incident: Incident, order: Order, _handling: Handling) -> tuple[dict[str, Any], dict[str, Any]]:
    _need_reason(order)
    return {}, {}


def _escalates(incident: Incident, due: datetime | None, at: datetime, handling: Handling) -> datetime | None:
    """Return when a matter goes up by itself: at its deadline, or some time from now where that has passed."""
    if due is None or incident.holder == HOLDERS[-1]:
        return None
    return due if due > at else handling.escalate_after.after(at, handling.calendar)


def _need_reason(order: Order) -> None:
    if not order.reason.strip():
        raise ValueError("expected a reason; it stays on record")


_COMMON_STEPS: Mapping[str, Callable[[Incident, Order, Handling], tuple[dict[str, Any], dict[str, Any]]]] = {
    "assign": _assign,
    "pause": _pause,
    "resume": _resume,
    "extend": _extend,
    "escalate": _escalate,
    "hand_down": _hand_down,
    "note": _note,
}
