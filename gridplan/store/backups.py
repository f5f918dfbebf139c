"""
Backups: one file that holds a whole store as it was at one moment, and that either database takes back.

The file is a SQLite store, whichever database it comes from: it can be opened, looked into and served as it is, and
no version of a server's own dump format stands between a city and its plans.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gridplan.errors import StoreError
from gridplan.store import chain
from gridplan.store.contents import SWEPT, open_chunk, require_whole
from gridplan.store.engine import database_url, open_engine, reading, writing
from gridplan.store.migrate import current, migrate, upgrade
from gridplan.store.records import Step
from gridplan.store.tables import chunks, metadata, plans, publications

# Rows held in memory at a time; a chunk may have some megabytes.
AT_ONCE = 100
_HEADER = b"SQLite format 3\0"


def backup(engine: sa.Engine, path: Path) -> None:
    """
    Write a store to a file, complete or absent.

    Parameters
    ----------
    engine
        Of the store.
    path
        File to write; its folder must exist. A file of that name is replaced when the new one is complete.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    path = path.absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=".gridplan-", dir=path.parent) as folder:
            draft = Path(folder) / "backup.sqlite"
            if engine.dialect.name == "sqlite":
                _copy_pages(Path(str(engine.url.database)), draft)
            else:
                _copy_rows(engine, draft)
            _seal(draft)
            os.replace(draft, path)
            _sync(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"no backup was written to {path}: {error}") from error


def restore(engine: sa.Engine, path: Path, step: Step, *, overwrite: bool) -> None:
    """
    Make a store what it was when a backup was made, in one transaction.

    Parameters
    ----------
    engine
        Of the store, which has its tables.
    path
        The backup, which is not changed.
    step
        Who restores, and when. The audit log is then the backup's, and one record more: where the lost one ended.
    overwrite
        Whether what the store holds may be lost.

    Raises
    ------
    StoreError
        If the store holds anything and `overwrite` is False, or the file is damaged or no backup.
    """
    with _opened(path) as source, reading(source) as backed_up, writing(engine) as connection:
        held = connection.scalar(sa.select(sa.func.count()).select_from(plans))
        if held and not overwrite:
            raise StoreError(
                f"the store holds {held} plans, which a restore replaces; to lose them, say so (--overwrite)"
            )
        lost = chain.last(connection)
        metadata.drop_all(connection)
        sa.Table("alembic_version", sa.MetaData()).drop(connection)
        upgrade(connection)
        _copy_tables(backed_up, connection)
        told = {"replaced_records": lost[0], "replaced_head": lost[1], "replaced_plans": held}
        chain.append(connection, "store.restore", step.by, path.name, told, at=step.at)


def verify(engine: sa.Engine) -> int:
    """
    Compare every chunk with the digest that names it, and every plan with its own; return the number of chunks.

    Raises
    ------
    StoreDamagedError
        If one differs.
    """
    count = 0
    with reading(engine) as connection:
        with connection.execute(sa.select(chunks).execution_options(yield_per=AT_ONCE)) as rows:
            for row in rows:
                open_chunk(row.digest, row.size, row.data)
                count += 1
        kept = sa.select(plans.c.plan_id, plans.c.digest).where(plans.c.digest != SWEPT)
        for plan_id, digest in connection.execute(kept).all():
            require_whole(connection, plan_id, digest)
    return count


@contextmanager
def _opened(path: Path) -> Iterator[sa.Engine]:
    """Open a copy of a backup, brought to this version, every chunk of it checked."""
    with tempfile.TemporaryDirectory(prefix="gridplan-") as folder:
        copy = Path(folder) / "backup.sqlite"
        try:
            with path.open("rb") as file:
                if file.read(len(_HEADER)) != _HEADER:
                    raise StoreError(f"{path} is no backup of a store")
            shutil.copyfile(path, copy)
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror or error}") from error
        engine = open_engine(database_url(copy))
        try:
            _require_backup(engine, path)
            migrate(engine)
            verify(engine)
            yield engine
        finally:
            engine.dispose()


def _require_backup(engine: sa.Engine, path: Path) -> None:
    try:
        with reading(engine) as connection:
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            found = current(connection)
    except StoreError as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if sound != "ok" or found is None:
        raise StoreError(f"{path} is {'no backup of a store' if sound == 'ok' else 'damaged'}")


def _copy_pages(source: Path, target: Path) -> None:
    """Copy a SQLite store while it is used, as it is at one moment."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _copy_rows(engine: sa.Engine, target: Path) -> None:
    """Copy a store of another database into a new SQLite store."""
    made = open_engine(database_url(target))
    try:
        migrate(made)
        with reading(engine) as source, writing(made) as connection:
            _copy_tables(source, connection)
    finally:
        made.dispose()


def _copy_tables(source: sa.Connection, target: sa.Connection) -> None:
    """
    Copy all rows, each table in the order of its keys, since each record of the audit log follows one.

    Publications come last and in their order: from then on the rows of their plans stand still.
    """
    for table in metadata.sorted_tables:
        if table is not publications:
            _copy_table(source, target, sa.select(table).order_by(*table.primary_key.columns), table)
    _copy_table(source, target, sa.select(publications).order_by(publications.c.number), publications)


def _copy_table(source: sa.Connection, target: sa.Connection, query: sa.Select[Any], table: sa.Table) -> None:
    with source.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for rows in found.partitions():
            target.execute(sa.insert(table), [dict(row._mapping) for row in rows])


def _seal(path: Path) -> None:
    """Make a SQLite file one that needs no other beside it, on disk, for its owner alone."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    path.chmod(0o600)
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
