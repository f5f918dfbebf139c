"""The database behind a store: where it is, how it is opened, and transactions that never leave a half."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from gridplan.errors import PlanStateError, StoreDamagedError, StoreError, StoreUnavailableError

URL_VARIABLE = "GRIDPLAN_DATABASE_URL"
# How long a writer waits for another before it gives up, seconds.
WAIT_S = 30
# How long a connection may take to be made, or to be free, and a question to be answered, seconds.
CONNECT_S = 10
ANSWER_S = 120
# A server that is gone without a word is noticed: by the system, for connections at rest and under way.
_ALIVE = {
    "connect_timeout": CONNECT_S,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# Names the advisory lock of writers in PostgreSQL ("gridplan" in ASCII): one at a time, as SQLite has it by itself.
WRITERS_LOCK = 0x6772696470_6C616E
# What triggers of the migrations begin their messages with.
REFUSED = "gridplan:"


def default_url() -> str:
    """Return where the store is: the environment's GRIDPLAN_DATABASE_URL, else a file in the user's data folder."""
    import platformdirs

    return os.environ.get(URL_VARIABLE) or str(Path(platformdirs.user_data_dir("gridplan", False)) / "gridplan.sqlite")


def database_url(url: str | Path) -> sa.URL:
    """
    Return the URL of a database.

    Parameters
    ----------
    url
        ``sqlite:///FILE``, ``postgresql://USER@HOST:PORT/NAME``, or the path of a SQLite file.

    Raises
    ------
    StoreError
        If it is neither.
    """
    if "://" not in str(url):
        return sa.URL.create("sqlite", database=str(Path(url).expanduser().absolute()))
    try:
        parsed = sa.make_url(str(url))
    except exc.ArgumentError as error:
        raise StoreError("the store's URL cannot be read; expected sqlite:///FILE or postgresql://...") from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres", "postgis"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database:
        raise StoreError(f"a store is a SQLite file or a PostGIS database; found {parsed.render_as_string()}")
    return parsed.set(drivername="sqlite")


def open_engine(url: sa.URL) -> sa.Engine:
    """Return an engine whose transactions are as durable as the database allows; no connection is made yet."""
    if url.get_backend_name() == "sqlite":
        # Errors name no parameters: what a statement was to keep may be of persons, and errors are logged.
        engine = sa.create_engine(
            url, connect_args={"timeout": WAIT_S}, json_serializer=_json, hide_parameters=True, pool_timeout=CONNECT_S
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=CONNECT_S,
        json_serializer=_json,
        hide_parameters=True,
        connect_args={**_ALIVE, **url.query},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction that sees one moment of the store, whatever is written meanwhile."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a transaction that alone writes; all of it is kept when the block ends, on disk, or nothing is."""
    options = {"gridplan_writes": True}
    with _translated(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a migration takes the time it takes
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
        yield connection


def require_writable(engine: sa.Engine) -> None:
    """
    Write what the store holds already, to the disk, and so prove that it takes what is written.

    Raises
    ------
    StoreError
        If it does not; a `StoreUnavailableError` where the disk is full or the server refuses.
    """
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set a new connection up: the driver begins no transaction of its own, commits reach the disk, keys hold."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Set a new connection up: no question holds a connection for ever."""
    connection.execute(f"SET statement_timeout = '{ANSWER_S}s'")
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin as a writer at once where something will be written: a reader that turns writer may find itself late."""
    writes = connection.get_execution_options().get("gridplan_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    """Turn the databases' errors into ours."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _store_error(error, engine) from error
    except exc.TimeoutError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise StoreUnavailableError(f"all connections to the store {name} are in use") from error


def _store_error(error: exc.DBAPIError, engine: sa.Engine) -> StoreError:
    said = str(error.orig).strip().splitlines()[0]
    name = engine.url.render_as_string(hide_password=True)
    if REFUSED in said:
        return PlanStateError(said.partition(REFUSED)[2].strip())
    if "lock" in said:
        return StoreUnavailableError(f"the store is busy: another writer kept it for {WAIT_S} s; try again ({name})")
    if _named(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreDamagedError(f"the store {name} is damaged: {said}; restore a backup")
    if _passing(error):
        return StoreUnavailableError(f"the store {name} cannot be used now: {said}")
    return StoreError(f"the store {name} refused: {said}")


def _named(error: exc.DBAPIError) -> str:
    """Return SQLite's name of a fault, "" where it is none of SQLite's."""
    return str(getattr(error.orig, "sqlite_errorname", ""))


def _passing(error: exc.DBAPIError) -> bool:
    """Tell whether the fault is of the machine (no answer, no room) rather than of what was asked."""
    if name := _named(error):
        return name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"))
    return isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated
