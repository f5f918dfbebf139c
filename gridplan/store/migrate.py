"""Bring a database to this gridplan's schema; a step is taken whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gridplan.errors import StoreError, StoreVersionError
from gridplan.store import incident_tables  # noqa: F401 - it adds its tables to `metadata`
from gridplan.store.engine import reading, writing
from gridplan.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def current(connection: sa.Connection) -> str | None:
    """Return the revision of the schema in a database, None where it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the revision of the schema that this gridplan needs."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def prepare(engine: sa.Engine) -> None:
    """
    Make the schema in an empty database; refuse one of another version.

    Raises
    ------
    StoreVersionError
        If the database has an older schema, or one that this gridplan does not know.
    StoreUnavailableError
        If there is no answer.
    """
    _make_file(engine)
    with reading(engine) as connection:
        found = current(connection)
        strange = found is None and _strangers(connection)
    if strange:
        raise StoreError(f"{engine.url.render_as_string()} is a database of something else; its tables are {strange}")
    if found is None:
        migrate(engine)
    elif found != newest():
        raise StoreVersionError(_mismatch(found))


def migrate(engine: sa.Engine) -> tuple[str | None, str]:
    """
    Bring a database to the newest schema in one transaction.

    Returns
    -------
    before, after
        Revisions; the first is None for an empty database.

    Raises
    ------
    StoreVersionError
        If the database's schema is newer than this gridplan.
    """
    _make_file(engine)
    with writing(engine) as connection:
        return upgrade(connection)


def upgrade(connection: sa.Connection) -> tuple[str | None, str]:
    """Bring a database to the newest schema within the transaction of a connection; see `migrate`."""
    found = current(connection)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise StoreVersionError(_mismatch(found))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, "head")
    return found, newest()


def _mismatch(found: str) -> str:
    known = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    what = "older: make a backup, then run `gridplan db migrate`" if found in known else "unknown: update gridplan"
    return f"the store's schema is {found}, this gridplan needs {newest()}; it is {what}"


def _strangers(connection: sa.Connection) -> list[str]:
    """Return the tables of a database without our schema that are in the way; PostgreSQL's may have others beside."""
    names = set(sa.inspect(connection).get_table_names())
    return sorted(names if connection.dialect.name == "sqlite" else names & set(metadata.tables))


def _make_file(engine: sa.Engine) -> None:
    """Make the file of a SQLite store where there is none, for its owner alone: it tells of households."""
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        return
    file = Path(engine.url.database)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"no store can be kept at {file}: {error.strerror or error}") from error
