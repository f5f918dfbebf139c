"""Many rows at once: the driver's own way, since SQLAlchemy's costs more than the database's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gridplan.store.tables import UtcDateTime


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
        return [None if value is None else _written(value) for value in values]
    return values


def _written(at: datetime) -> str:
    """Return a time as SQLAlchemy writes it into SQLite: UTC, without its zone."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:26]
