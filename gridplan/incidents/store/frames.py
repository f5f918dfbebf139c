"""Incidents of a store as a frame for statistics, and restated on any of its plans."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from gridplan.incidents.restate import Restated, restate
from gridplan.incidents.store.grounds import ground_of_plans
from gridplan.incidents.store.rows import Which
from gridplan.incidents.tables import COLUMNS, framed
from gridplan.store import Store
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incidents
from gridplan.store.tables import lineage


def incident_frame(store: Store, which: Which | None = None) -> pd.DataFrame:
    """
    Return incidents as statistics take them, oldest first.

    Parameters
    ----------
    store
        The store.
    which
        Which; all where None.
    """
    which = which or Which()
    query = sa.select(*(incidents.c[name] for name in COLUMNS)).where(*which.conditions())
    with reading(store.engine) as connection:
        rows = connection.execute(query.order_by(incidents.c.reported_at, incidents.c.incident_id)).all()
    return framed([tuple(row) for row in rows])


def restated_on(store: Store, frame: pd.DataFrame, plan_id: str, scope: str = "") -> Restated:
    """
    Count incidents in the grids of another plan.

    Parameters
    ----------
    store
        The store.
    frame
        As `incident_frame` returns it.
    plan_id
        A published plan.
    scope
        Prefix of codes of its grids.
    """
    info = store.info(plan_id)
    with reading(store.engine) as connection:
        query = sa.select(lineage.c.old_code, lineage.c.new_code).where(lineage.c.plan_id == info.plan_id)
        rows = connection.execute(query).all()
    pairs = pd.DataFrame([tuple(row) for row in rows], columns=["old_code", "new_code"]) if rows else None
    return restate(frame, ground_of_plans(store, [info.plan_id], scope), pairs)
