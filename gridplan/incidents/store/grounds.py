"""The ground of a store on a day: the grids of the plans in force, and what their communities are called."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from gridplan.errors import IncidentError
from gridplan.incidents.ground import Ground, together
from gridplan.store import Store
from gridplan.store.chunks import decode
from gridplan.store.contents import read_parts
from gridplan.store.engine import reading
from gridplan.store.published import read_grids


def ground_in_force(store: Store, on: date | None = None, scope: str = "") -> Ground:
    """
    Return the grids of the plans in force on a day.

    Parameters
    ----------
    store
        The store.
    on
        The day; today where None.
    scope
        Prefix of codes: grids outside it are left out.

    Raises
    ------
    IncidentError
        If no plan is in force there.
    """
    plans = [info.plan_id for info in store.all_in_force(on, scope)]
    return ground_of_plans(store, plans, scope)


def ground_of_plans(store: Store, plan_ids: list[str], scope: str = "") -> Ground:
    """
    Return the grids of published plans.

    Parameters
    ----------
    store
        The store.
    plan_ids
        Ids of published plans.
    scope
        As for `ground_in_force`.

    Raises
    ------
    IncidentError
        If there are none.
    """
    with reading(store.engine) as connection:
        parts = {
            each: (read_grids(connection, each, date.today()), _communities(connection, each)) for each in plan_ids
        }
    kept = {name: (_within(grids, scope), names) for name, (grids, names) in parts.items()}
    kept = {name: part for name, part in kept.items() if len(part[0])}
    if not kept:
        raise IncidentError(
            "no published plan is in force there; publish one (`gridplan publish`), then take incidents to its grids"
        )
    return together(kept)


def _within(grids: gpd.GeoDataFrame, scope: str) -> gpd.GeoDataFrame:
    return grids[grids["grid_code"].astype(str).str.startswith(scope)]


def _communities(connection: sa.Connection, plan_id: str) -> pd.DataFrame:
    parts = [part for part in read_parts(connection, plan_id, layer="communities") if part.half == "values"]
    if not parts:
        return pd.DataFrame({"community_code": [], "name": []}, dtype=object)
    return decode([{"values": part.data} for part in sorted(parts, key=lambda part: part.position)])
