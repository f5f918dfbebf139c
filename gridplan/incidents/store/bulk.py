"""Many rows at once: the driver's own way, since SQLAlchemy's costs more than the database's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridplan.store.tables import UtcDateTime

# Memory for pages of a SQLite file while many rows are written; taken as it is needed.
CACHE_KIB = 65_536


@contextmanager
def roomy(connection: sa.Connection) -> Iterator[None]:
    """
    Keep more of a SQLite file in memory while many rows are written.

    Ids come in no order, so each row touches pages all over the indexes; SQLite's own 2 MB hold them for some 20,000
    rows, and beyond that pages are written and read again for each.

    Parameters
    ----------
    connection
        A writing transaction; one of PostgreSQL is left as it is.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    before = int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())
    connection.exec_driver_sql(f"PRAGMA cache_size = {-CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def insert_columns(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """
    Insert rows that are given by columns.

    Parameters
    ----------
    connection
        A writing transaction.
    table
        The table.
    columns
        Values by column, all of one length: text, numbers, None, aware times, plain JSON.
    """
    plain = connection.dialect.name == "sqlite"
    made = [_values(table.c[name].type, values, plain) for name, values in columns.items()]
    rows = list(zip(*made, strict=True))
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    if plain:
        marks = ", ".join("?" * len(columns))
        # Names come from the table's own columns.
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows)  # noqa: S608
        return
    cursor = connection.connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
    cursor.close()


def _values(kind: sa.types.TypeEngine[Any], values: Sequence[Any], plain: bool) -> Sequence[Any]:
    """Return values as the driver takes them: SQLite knows neither times nor JSON."""
    if isinstance(kind, sa.JSON):
        known: dict[int, str] = {}
        return [
            known.get(id(v)) or known.setdefault(id(v), json.dumps(v, ensure_ascii=False, allow_nan=False))
            for v in values
        ]
    if isinstance(kind, UtcDateTime) and plain:
        return _written(values)
    return values


def _written(values: Sequence[datetime | None]) -> list[str | None]:
    """Return times as SQLAlchemy writes them into SQLite: UTC, without their zone."""
    moments = pd.to_datetime(pd.Series(list[Any](values), dtype=object), utc=True).dt.tz_localize(None)
    texts = np.datetime_as_string(moments.to_numpy("datetime64[us]"), unit="us").tolist()
    return [None if text == "NaT" else text.replace("T", " ") for text in texts]
