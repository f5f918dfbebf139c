"""What a service reads of a store again and again: whether anything changed, what is published, its grids."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import geopandas as gpd
import sqlalchemy as sa

from gridplan.errors import NotInStoreError
from gridplan.store import queries
from gridplan.store.contents import read_layer
from gridplan.store.keys import Key, read_keys
from gridplan.store.records import PlanInfo
from gridplan.store.tables import keys, publications, retirements


class Version(NamedTuple):
    """
    What differs whenever the service must answer differently; cheap to read.

    Parameters
    ----------
    plan_id
        Of the newest publication, "" for none.
    n_published, n_retired, n_keys, n_revoked
        Publications, retirements, keys and revoked keys.
    """

    plan_id: str
    n_published: int
    n_retired: int
    n_keys: int
    n_revoked: int


def read_version(connection: sa.Connection) -> Version:
    """Return the version of what a service answers from."""
    newest = sa.select(publications.c.plan_id).order_by(publications.c.number.desc()).limit(1)
    counts = [
        sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in (publications, retirements, keys)
    ]
    revoked = sa.select(sa.func.count(keys.c.revoked_at)).scalar_subquery()
    row = connection.execute(sa.select(newest.scalar_subquery(), *counts, revoked)).one()
    return Version(row[0] or "", int(row[1]), int(row[2]), int(row[3]), int(row[4]))


def read_all(connection: sa.Connection, today: date) -> tuple[Version, list[PlanInfo], list[Key]]:
    """Return the version, all plans ever published, and all keys, of one moment."""
    found = queries.infos(connection, today, publications.c.number.is_not(None))
    return read_version(connection), found, read_keys(connection)


def read_grids(connection: sa.Connection, plan_id: str, today: date) -> gpd.GeoDataFrame:
    """
    Return the grids of a published plan as they were published or not at all, without reading its other layers.

    Parameters
    ----------
    connection
        Any transaction.
    plan_id
        The plan.
    today
        As of `gridplan.store.queries.infos`.

    Returns
    -------
    grids
        As in contract 3.2 without ``valid_from``, by code, in the plan's CRS.

    Raises
    ------
    NotInStoreError
        If it is not published.
    StoreDamagedError
        If it is not what was written.
    """
    info = queries.info(connection, plan_id, today)
    if info.number is None:
        raise NotInStoreError(f"plan {plan_id!r} is not published")
    # The rows of the table ``grids`` are for those who ask by SQL; these have digests that prove them.
    frame = read_layer(connection, info.plan_id, info.digest, "grids").drop(columns="valid_from", errors="ignore")
    return gpd.GeoDataFrame(frame).sort_values("grid_code", ignore_index=True)
