"""Incidents for the viewer: read as columns when the store's have changed, in the scope of a key."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import sqlalchemy as sa

from api.access import View
from api.packed import Packed, pack
from api.standing import Held, Standing
from api.viewing import dump
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incidents
from gridplan.store.keys import Role
from maps.viewer.incidents import incidents_payload

_MOST_HELD = 32
_TIMES = ("reported_at", "closed_at", "due_at")
_PLAIN = ("grid_code", "category", "on_time", "lon", "lat")


class Spots:
    """Incidents that were packed, by scope, by what may be seen, and by the content of the store."""

    def __init__(self) -> None:
        self._held: Held[Packed] = Held(_MOST_HELD)

    def of(self, view: View, standing: Standing) -> Packed:
        """
        Return the incidents of a scope, each with the grid that holds it now.

        Whoever is below a dispatcher learns no point: a point may be a door.

        Parameters
        ----------
        view
            Who asks.
        standing
            The plans in force.
        """
        exact = view.key.role.may(Role.DISPATCHER)
        tag = f"{_version(view)}-{int(exact)}-{'-'.join(plan.plan_id for plan in standing.plans)}"
        return self._held.make((view.scope, tag), lambda: _packed(view, standing, exact=exact, tag=tag))


def _packed(view: View, standing: Standing, *, exact: bool, tag: str) -> Packed:
    frame = _restated(_read(view), standing, view.moment.today)
    handling = view.watch.handling
    known = handling.categories.by_code
    names = {code: {"zh": each.label.zh, "en": each.label.en} for code, each in known.items()}
    text = dump(incidents_payload(frame, names, zone=handling.calendar.zone, exact=exact, digest=tag))
    return pack(text, tag)


def _mine(view: View) -> sa.ColumnElement[bool]:
    code = incidents.c.grid_code
    return sa.and_(code.is_not(None), sa.func.substr(code, 1, len(view.scope)) == view.scope)


def _version(view: View) -> str:
    """Return what changes with every change of an incident: each has a number that only grows."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(incidents.c.sequence), 0)).where(_mine(view))
    with reading(view.watch.store.engine) as connection:
        count, steps = connection.execute(query).one()
    return f"{count}-{steps}"


def _read(view: View) -> pd.DataFrame:
    """Return the columns; times are parsed together, since a hundred thousand one by one take seconds."""
    engine = view.watch.store.engine
    as_text = engine.dialect.name == "sqlite"
    columns = (incidents.c[name] for name in _TIMES)
    times = [sa.type_coerce(column, sa.Text).label(column.name) if as_text else column for column in columns]
    query = sa.select(*times, *(incidents.c[name] for name in _PLAIN)).where(_mine(view))
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=[*_TIMES, *_PLAIN])
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601" if as_text else None)
    return frame


def _restated(frame: pd.DataFrame, standing: Standing, today: date) -> pd.DataFrame:
    """Give incidents whose grid is no more the grid in which their point lies today."""
    known = frame["grid_code"].isin(set(standing.table.codes.tolist())).to_numpy()
    lost = ~known & frame["lon"].notna().to_numpy() & frame["lat"].notna().to_numpy()
    if not lost.any() or not standing.plans:
        return frame[known]
    points = frame.loc[lost, ["lon", "lat"]].astype("float64").to_numpy()
    found = standing.index.locate_many(points[:, 0], points[:, 1], at=today)
    codes = frame["grid_code"].to_numpy(dtype=object, copy=True)
    codes[np.flatnonzero(lost)] = found.grid_code
    frame = frame.assign(grid_code=codes)
    return frame[frame["grid_code"].isin(set(standing.table.codes.tolist()))]
