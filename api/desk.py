"""Incidents as the service answers with them: the desk over the store, its ground in a scope, names under masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.access import View
from api.problems import NO_PLAN, ProblemError
from api.standing import Held
from gridplan.incidents.course import legal
from gridplan.incidents.ground import Ground
from gridplan.incidents.incident import Incident, Person
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.grounds import ground_of_plans
from gridplan.incidents.store.reader import File
from gridplan.store.keys import Role

# Decimals of a degree that a viewer sees of a point: some 100 m.
_COARSE = 3
_MOST_GROUNDS = 16
_GROUNDS: Held[Ground] = Held(_MOST_GROUNDS)
# Columns that are of the inside.
_HIDDEN = ("digest", "scope")


def desk_of(view: View) -> Incidents:
    """Return the desk over the service's store."""
    return Incidents(view.watch.store, view.watch.handling)


async def ground_of(view: View) -> Ground:
    """
    Return the grids in force today that the key sees.

    Raises
    ------
    ProblemError
        If there are none.
    """
    plans = tuple(plan.plan_id for plan in view.moment.in_force(view.moment.today, view.scope))
    if not plans:
        raise ProblemError(NO_PLAN, "no plan is in force today; incidents have no grids to go to")
    store = view.watch.store
    key = (store.url, plans, view.scope)
    found = _GROUNDS.get(key)
    if found is None:
        found = await run_in_threadpool(_GROUNDS.make, key, lambda: ground_of_plans(store, list(plans), view.scope))
    return found


def told(incident: Incident, view: View) -> dict[str, Any]:
    """Return an incident as plain JSON values; a viewer sees its place to some 100 m alone."""
    values = {name: _plain(value) for name, value in vars(incident).items() if name not in _HIDDEN}
    if not view.key.role.may(Role.DISPATCHER):
        values |= {name: None if values[name] is None else round(values[name], _COARSE) for name in ("lon", "lat")}
    return values


def told_file(file: File, desk: Incidents, view: View) -> dict[str, Any]:
    """Return an incident with its history, what may be done next, and who reported it under a mask."""
    steps = [{name: _plain(value) for name, value in asdict(step).items()} for step in file.steps]
    may = legal(file.incident, desk.handling, desk.now())
    return {
        **told(file.incident, view),
        "steps": steps,
        "legal": [{"action": name, "zh": label.zh, "en": label.en} for name, label in may.items()],
        "review": None if file.review is None else _plain_all(asdict(file.review)),
    }


def masked(person: Person) -> dict[str, str]:
    """
    Return who reported an incident under a mask.

    Examples
    --------
    >>> masked(Person("张三", "13912345678", "花园街3号", "漏水"))
    {'reporter': '张*', 'phone': '139******78', 'address': '', 'words': ''}
    """
    name, phone = person.reporter, person.phone
    hidden = phone if len(phone) < 8 else f"{phone[:3]}{'*' * (len(phone) - 5)}{phone[-2:]}"
    return {
        "reporter": name[:1] + "*" * (len(name) - 1),
        "phone": hidden if hidden != phone else "*" * len(phone),
        "address": "",
        "words": "",
    }


def _plain_all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
