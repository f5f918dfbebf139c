"""Incidents as features: where something was reported, what stage it is at, which grid has it; nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
import sqlalchemy as sa

from api.access import View
from api.desk import desk_of
from api.ogc.crs import HELD, moved
from api.ogc.table import EMPTY, FeatureTable
from api.standing import Held
from api.watch import Watch
from gridplan.incidents.calendar import Calendar
from gridplan.incidents.store.rows import Which
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incidents

#: Properties; words, addresses and people stand in another table, which is not read here.
TEXTS = (
    "incident_id", "source", "source_id", "category", "level", "workflow", "state", "holder", "reported_at", "due_at",
    "closed_at", "grid_code", "plan_id", "placed_by",
)  # fmt: skip
NUMBERS = ("confidence", "precision_m")
# Spans of days and states of the store held; each incident is some kilobyte.
_MOST_HELD = 8
_TABLES: WeakKeyDictionary[Watch, Held[FeatureTable]] = WeakKeyDictionary()


def matters(view: View, span: tuple[date, date]) -> FeatureTable:
    """
    Return the incidents with a point that were open on any of some days, in the scope of a view.

    Parameters
    ----------
    view
        Who asks; a dispatcher or above, since a point may be a door.
    span
        First and last day, at the place of the calendar; the least and the greatest date are no bounds.
    """
    conditions = [*Which(view.scope).conditions(), *_open_on(span, desk_of(view).handling.calendar)]
    conditions += [incidents.c.lon.is_not(None), incidents.c.lat.is_not(None)]
    held = _TABLES.setdefault(view.watch, Held(_MOST_HELD))
    return held.make((view.scope, span, _version(view, conditions)), lambda: _read(view, conditions))


def _open_on(span: tuple[date, date], calendar: Calendar) -> list[sa.ColumnElement[bool]]:
    first, last = span
    found: list[sa.ColumnElement[bool]] = []
    if first != date.min:
        closed = incidents.c.closed_at
        found.append(sa.or_(closed.is_(None), closed >= calendar.at(first, time())))
    if last != date.max:
        found.append(incidents.c.reported_at < calendar.at(last + timedelta(days=1), time()))
    return found


def _version(view: View, conditions: list[sa.ColumnElement[bool]]) -> tuple[int, int]:
    """Return what changes with every step of any of them: each has a number that only grows."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(incidents.c.sequence), 0)).where(*conditions)
    with reading(view.watch.store.engine) as connection:
        count, steps = connection.execute(query).one()
    return int(count), int(steps)


def _read(view: View, conditions: list[sa.ColumnElement[bool]]) -> FeatureTable:
    columns = [incidents.c[name] for name in (*TEXTS, *NUMBERS, "lon", "lat")]
    with reading(view.watch.store.engine) as connection:
        found = [row._mapping for row in connection.execute(sa.select(*columns).where(*conditions))]
    if not found:
        return EMPTY
    found.sort(key=lambda row: str(row["incident_id"]))  # not by the database, whose order of signs is its own
    ids = np.array([row["incident_id"] for row in found], dtype=object)
    points = shapely.points([row["lon"] for row in found], [row["lat"] for row in found])
    placed = moved(np.asarray(points, dtype=object), None, HELD)
    return FeatureTable(ids, tuple(_told(row) for row in found), placed, ())


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    values = {name: row[name] for name in (*TEXTS, *NUMBERS)}
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}
