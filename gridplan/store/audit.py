"""The audit log of a store: who did what to what, when and for which request; written once, read by filters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gridplan.errors import StoreError
from gridplan.store import chain
from gridplan.store.chain import Entry, Verdict
from gridplan.store.crosscheck import Comparison, compare
from gridplan.store.engine import reading, writing
from gridplan.store.reader import Clock, utc_now
from gridplan.store.tables import audit

# Rows held in memory at a time.
AT_ONCE = 1000


@dataclass(frozen=True)
class Filters:
    """
    Which records are asked for; what is None, or "", does not restrict.

    Parameters
    ----------
    start, end
        From this moment on, and before that one; aware.
    actor, subject
        Exactly these.
    action
        This one, or all that begin with it and a point: ``plan`` for ``plan.publish``.
    scope
        Prefix of codes: records that concern more are left out.
    """

    start: datetime | None = None
    end: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    scope: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the same as conditions on the table."""
        asked = [
            None if self.start is None else audit.c.at >= self.start,
            None if self.end is None else audit.c.at < self.end,
            None if self.actor is None else audit.c.actor == self.actor,
            None if self.subject is None else audit.c.subject == self.subject,
            None if self.action is None else _named(self.action),
            sa.func.substr(audit.c.scope, 1, len(self.scope)) == self.scope if self.scope else None,
        ]
        return [condition for condition in asked if condition is not None]


class Audit:
    """
    The audit log of a store. Records are added; nothing of it is ever changed or taken away.

    Parameters
    ----------
    engine
        Of the store.
    clock
        Returns the moment, aware.

    Examples
    --------
    >>> store.audit.record("incident.read", "热线", "2026-000123", scope="230718001")  # doctest: +SKIP
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self.engine = engine
        self._clock = clock

    def record(
        self,
        action: str,
        actor: str,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
        request_id: str = "",
        *,
        scope: str = "",
        connection: sa.Connection | None = None,
    ) -> Entry:
        """
        Add a record; it is on disk when this returns, or with the transaction that it belongs to.

        Parameters
        ----------
        action
            What was done, as ``noun.verb``: ``incident.read``.
        actor
            Who did it: a person, or the name of a key.
        subject
            To what: an id. No personal data.
        details
            What else belongs to it, as plain JSON values. No personal data.
        request_id
            The request that asked for it; in the service the one under way where empty.
        scope
            Prefix of the codes that it concerns; admins of that scope, and of wider ones, may read it.
        connection
            A writing transaction (`gridplan.store.engine.writing`) that it belongs to; None for one of its own.

        Raises
        ------
        StoreError
            If nobody is named, or a detail is no JSON.
        StoreUnavailableError
            If it cannot be written: what must be recorded must then not be done.
        """
        with nullcontext(connection) if connection is not None else writing(self.engine) as used:
            return chain.append(used, action, actor, subject, details, request_id, at=self._clock(), scope=scope)

    def entries(
        self, filters: Filters | None = None, *, before: int | None = None, limit: int | None = None
    ) -> list[Entry]:
        """
        Return records, newest first.

        Parameters
        ----------
        filters
            Which; None for all.
        before
            Only those with a smaller number.
        limit
            At most so many.
        """
        query = sa.select(audit).where(*(filters or Filters()).conditions()).order_by(audit.c.number.desc())
        if before is not None:
            query = query.where(audit.c.number < before)
        with reading(self.engine) as connection:
            return [chain.entry_of(row) for row in connection.execute(query.limit(limit))]

    def number_of(self, digest: str, scope: str = "") -> int | None:
        """Return the number of the record with a digest, None where a scope sees none."""
        query = sa.select(audit.c.number).where(audit.c.digest == digest, *Filters(scope=scope).conditions())
        with reading(self.engine) as connection:
            return connection.scalar(query)

    def verify(self, anchors: Mapping[int, str] | None = None) -> Verdict:
        """
        Check every record, as `gridplan.store.chain.check` does.

        Parameters
        ----------
        anchors
            Digests by number known before (`read_anchors`).
        """
        with reading(self.engine) as connection:
            return chain.check(_all(connection), anchors)

    def compare(self) -> Comparison:
        """Compare the tables that the log tells of with it, as `gridplan.store.crosscheck.compare` does."""
        with reading(self.engine) as connection:
            return compare(connection)

    def export(self, path: Path) -> int:
        """
        Write all records to a file, one JSON object a line, complete or absent; return how many.

        Parameters
        ----------
        path
            File to write. It is an anchor too (`read_anchors`): kept elsewhere, it proves what the log was.
        """
        draft = path.with_name(f".{path.name}.part")
        count = 0
        try:
            with reading(self.engine) as connection, draft.open("w", encoding="utf-8") as file:
                for entry in _all(connection):
                    file.write(chain.canonical(entry.to_dict()) + "\n")
                    count += 1
            draft.replace(path)
        except OSError as error:
            raise StoreError(f"the audit log was not written to {path}: {error.strerror or error}") from error
        finally:
            draft.unlink(missing_ok=True)
        return count


def read_export(path: Path) -> Iterator[Entry]:
    """
    Yield the records of a file that `Audit.export` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        Where a line is no record.
    """
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Entry.from_dict(json.loads(line))


def read_anchors(path: Path) -> dict[int, str]:
    """
    Return the digests by number that a file holds: an export, or an anchor of one line.

    Raises
    ------
    StoreError
        If it holds neither.
    """
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return {int(line["number"]): str(line["digest"]) for line in lines}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: expected an export or an anchor of the audit log; found {error}") from error


def _named(action: str) -> sa.ColumnElement[bool]:
    return sa.or_(audit.c.action == action, audit.c.action.startswith(f"{action}.", autoescape=True))


def _all(connection: sa.Connection) -> Iterator[Entry]:
    query = sa.select(audit).order_by(audit.c.number).execution_options(yield_per=AT_ONCE)
    with connection.execute(query) as rows:
        for row in rows:
            yield chain.entry_of(row)
