"""A record that says something else than before: what the register knows better is taken, what people did stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gridplan.incidents.handling import Handling
from gridplan.incidents.incident import Incident

_FACTS = ("digest", "reported_at", "category", "category_said", "level", "on_time")
_PLACE = ("lon", "lat", "precision_m", "placed_by", "match_level", "confidence", "grid_code", "plan_id")


def merged(before: Incident, said: Incident, handling: Handling) -> Incident:
    """
    Return an incident after the register said something new of it.

    Parameters
    ----------
    before
        As it is.
    said
        As it would be, were it new.
    handling
        How matters are handled.

    Returns
    -------
    incident
        Facts are the register's; rating and minutes where it gives any. A place that a person gave stays. A matter
        that the register closed is closed; one that people here took further keeps its state.
    """
    changed: dict[str, Any] = {name: getattr(said, name) for name in _FACTS}
    changed |= {name: getattr(said, name) for name in ("rating", "minutes") if getattr(said, name)}
    if before.placed_by != "person":
        changed |= {name: getattr(said, name) for name in _PLACE}
    return replace(before, **changed, **_course(before, said, handling), sequence=before.sequence + 1)


def _course(before: Incident, said: Incident, handling: Handling) -> dict[str, Any]:
    flow = handling.workflows[before.workflow]
    if said.closed_at is not None:
        state = before.state if flow.closed(before.state) else flow.done
        return {
            "state": state,
            "closed_at": said.closed_at,
            "due_at": said.due_at,
            "escalate_at": None,
            "paused_at": None,
        }
    if before.state == flow.done and before.sequence == 1:
        return {"state": flow.start, "closed_at": None, "due_at": said.due_at, "escalate_at": said.due_at}
    untouched = before.paused_at is None and before.closed_at is None and before.state == flow.start
    return {"due_at": said.due_at, "escalate_at": said.due_at} if untouched else {}
