"""
The audit log as a chain: each record holds the SHA-256 of the one before, so that no record can be altered unseen.

A record's digest is the SHA-256 of its canonical JSON: its fields but the digest, keys sorted, no spaces, UTF-8, the
moment as ISO 8601 in UTC to the microsecond. Anybody can compute it again, from an export alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gridplan.errors import StoreError
from gridplan.store.tables import audit

# What the first record follows.
GENESIS = "0" * 64
# What is recorded of each step of an incident.
STEP = "incident.step"
# Id of the request that a step is taken for, "" for none; the service sets it, records take it.
request: ContextVar[str] = ContextVar("gridplan_request", default="")


@dataclass(frozen=True)
class Entry:
    """
    One record of the audit log.

    Parameters
    ----------
    number
        1, 2, ... in the store, without a gap.
    at
        When, UTC.
    action
        What was done: ``plan.publish``, ``key.create``, ...
    actor
        Who did it.
    subject
        To what: a plan's id, a key's id, an incident's id.
    scope
        Prefix of the codes that it concerns; "" for the whole store.
    details
        What else belongs to it, as plain JSON values.
    request_id
        The request that asked for it, "" where none did.
    previous
        Digest of the record before.
    digest
        Of this one.
    """

    number: int
    at: datetime
    action: str
    actor: str
    subject: str
    scope: str
    details: Mapping[str, Any]
    request_id: str
    previous: str
    digest: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON values; `computed` is made of all of them but the digest."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**values, "at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Entry:
        """
        Return the record that `to_dict` wrote.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is none.
        """
        return cls(**{**values, "number": int(values["number"]), "at": datetime.fromisoformat(values["at"])})

    def computed(self) -> str:
        """Return the digest that the record must have."""
        values = self.to_dict()
        del values["digest"]
        return hashlib.sha256(canonical(values).encode()).hexdigest()


def canonical(values: Any) -> str:
    """
    Return JSON that is the same for the same values: keys sorted, no spaces.

    Parameters
    ----------
    values
        Plain JSON values; what is none (a date, a path) is written as its text.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(values, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


def digest_of_row(row: Mapping[str, Any]) -> str:
    """
    Return the SHA-256 of a row, the same on both databases: what a record may tell of it without saying it.

    Parameters
    ----------
    row
        Its columns: plain values, and aware moments.
    """
    return hashlib.sha256(canonical({name: _plain(value) for name, value in row.items()}).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def append(
    connection: sa.Connection,
    action: str,
    actor: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    request_id: str = "",
    *,
    at: datetime,
    scope: str = "",
) -> Entry:
    """
    Write a record, in the same transaction as what it tells of.

    Parameters
    ----------
    connection
        A writing transaction: writers take turns, so that numbers have no gap.
    action, actor, subject, details, at, scope
        As of `Entry`.
    request_id
        As of `Entry`; the request under way where empty.

    Raises
    ------
    StoreError
        If nobody is named, or a detail cannot be kept exactly.
    """
    if not (action.strip() and actor.strip()):
        raise StoreError(f"every record of the audit log names what was done and by whom; found {action!r}, {actor!r}")
    try:
        kept = json.loads(_storable(canonical(dict(details or {}))))
    except (ValueError, TypeError) as error:
        raise StoreError(f"the audit log keeps JSON with finite numbers; found {error}") from error
    number, previous = last(connection)
    draft = Entry(
        number + 1,
        at,
        _storable(action),
        _storable(actor),
        _storable(subject),
        _storable(scope),
        kept,
        _storable(request_id or request.get()),
        previous,
    )
    entry = Entry(**{**vars(draft), "digest": draft.computed()})
    connection.execute(sa.insert(audit), [{**vars(entry), "details": canonical(kept)}])
    return entry


def last(connection: sa.Connection) -> tuple[int, str]:
    """Return the number and the digest of the last record; 0 and `GENESIS` where there is none."""
    query = sa.select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    found = connection.execute(query).first()
    return (found.number, found.digest) if found else (0, GENESIS)


def entry_of(row: sa.Row[Any]) -> Entry:
    """
    Return the record that a row holds.

    Raises
    ------
    ValueError
        If its details are not what `append` wrote.
    """
    details = json.loads(row.details)
    if canonical(details) != row.details:
        raise ValueError("details are written otherwise than the log writes them")
    return Entry(**{**row._mapping, "details": details})


@dataclass(frozen=True)
class Verdict:
    """
    What came of checking a chain.

    Parameters
    ----------
    count
        Records that are what was written, from the first on.
    head
        Digest of the last of them.
    broken
        Number of the first record that is not, None where all are.
    why
        What is wrong with it.
    """

    count: int
    head: str
    broken: int | None = None
    why: str = ""


def check(entries: Iterable[Entry], anchors: Mapping[int, str] | None = None) -> Verdict:
    """
    Check a chain from its first record on.

    Parameters
    ----------
    entries
        All records, by number.
    anchors
        Digests by number as they were known before, kept elsewhere: without them nobody sees that the last records
        were cut off, or that all were written anew.
    """
    known = dict(anchors or {})
    count, head = 0, GENESIS
    rows = iter(entries)
    while True:
        try:
            entry = next(rows, None)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return Verdict(count, head, count + 1, f"it cannot be read: {error}")
        if entry is None:
            break
        if why := _wrong(entry, count + 1, head, known):
            return Verdict(count, head, count + 1, why)
        count, head = count + 1, entry.digest
    if known and max(known) > count:
        return Verdict(
            count, head, count + 1, f"it is missing: the log ends before it, and once had {max(known)} records"
        )
    return Verdict(count, head)


def _wrong(entry: Entry, number: int, head: str, known: Mapping[int, str]) -> str:
    """Return what is wrong with a record that should have a number and follow a digest; "" for nothing."""
    if entry.number != number:
        return f"it is missing, or moved: record {entry.number} stands in its place"
    if entry.computed() != entry.digest:
        return "it was changed: its digest is not that of what it holds"
    if entry.previous != head:
        return "it does not follow the record before: one of the two was put in, replaced or moved"
    if known.get(number, entry.digest) != entry.digest:
        return "it is another than the one known before: the log was written anew"
    return ""


def _storable(text: str) -> str:
    """Return a text that both databases keep: without NUL and without halves of characters."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
