"""
The tables against the audit log: what the log tells of must stand in them as it was told, and nothing beside it.

The chain proves the log. It does not prove the rows that answers are made of: a key whose revocation was taken back, or
a publication moved to another day, stands in a table of its own. Here each is compared with the record that was written
in its transaction. Rows that are older than the log, in stores of the first versions, are counted and not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from gridplan.store import chain
from gridplan.store.chain import Entry
from gridplan.store.incident_tables import incident_steps
from gridplan.store.tables import audit, events, keys, plans, publications, retirements

# Records of steps that are compared in one question.
AT_ONCE = 500
_RETIRING = {"plan.supersede", "plan.retire"}
# What brings many incidents in is recorded by register, and not step by step.
_BROUGHT = ("import", "open", "change")
# What a record says of a row, by what names the row: the number of the record, and columns.
Rows = dict[Any, tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Misfit:
    """
    A row that is not as the log tells.

    Parameters
    ----------
    table
        Its table.
    row
        What names it: a plan's id, a key's id, the number of an event, an incident's id and step.
    record
        Number of the record that tells of it; None where none does.
    expected, found
        What the log says, and what the table does.
    """

    table: str
    row: str
    record: int | None
    expected: str
    found: str

    def __str__(self) -> str:
        """Return it as a line."""
        told = "no record" if self.record is None else f"record {self.record}"
        return f"{self.table} {self.row}: expected {self.expected} ({told}); found {self.found}"


@dataclass(frozen=True)
class Comparison:
    """
    What came of comparing.

    Parameters
    ----------
    misfits
        All that does not fit.
    compared
        Rows that were compared.
    older
        Rows that are older than the log.
    """

    misfits: tuple[Misfit, ...]
    compared: int
    older: int


@dataclass
class _Course:
    """Steps of an incident that the log has: the first, and how many."""

    first: int
    count: int = 0


@dataclass
class _Told:
    """What the log says of each table, by what names a row, with the number of the record."""

    events: Rows = field(default_factory=dict)
    publications: Rows = field(default_factory=dict)
    retirements: Rows = field(default_factory=dict)
    plans: Rows = field(default_factory=dict)
    keys: Rows = field(default_factory=dict)
    courses: dict[str, _Course] = field(default_factory=dict)


def compare(connection: sa.Connection) -> Comparison:
    """
    Compare the tables with the log, whose chain was checked before.

    Parameters
    ----------
    connection
        A transaction that sees one moment.
    """
    told, misfits, steps = _Told(), list[Misfit](), 0
    for entries in _batches(_entries(connection)):
        for entry in entries:
            _take(entry, told)
        taken = [entry for entry in entries if entry.action == chain.STEP]
        misfits += _steps(connection, taken)
        steps += len(taken)
    begun = connection.scalar(sa.select(sa.func.min(audit.c.at)))
    oldest = min(told.events, default=0)
    compared = [
        _table(connection, events, told.events, lambda row: row["number"] < oldest),
        _table(connection, publications, told.publications, lambda row: begun is None or row["published_at"] < begun),
        _table(connection, retirements, told.retirements, lambda row: begun is None or row["retired_at"] < begun),
        _table(connection, plans, told.plans, lambda row: begun is None or row["created_at"] < begun),
        _table(connection, keys, told.keys, lambda row: begun is None or row["created_at"] < begun),
    ]
    misfits += [misfit for each in compared for misfit in each.misfits]
    misfits += _courses(connection, told.courses)
    count = sum(each.compared for each in compared) + steps
    return Comparison(tuple(misfits), count, sum(each.older for each in compared))


def _entries(connection: sa.Connection) -> Iterator[Entry]:
    wanted = [audit.c.action.startswith(f"{kind}.") for kind in ("plan", "key")]
    query = sa.select(audit).where(sa.or_(*wanted, audit.c.action == chain.STEP)).order_by(audit.c.number)
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
        for row in rows:
            yield chain.entry_of(row)


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while some := list(islice(entries, AT_ONCE)):
        yield some


def _take(entry: Entry, told: _Told) -> None:
    """Take what a record says of rows; a later one says how they are now."""
    if entry.action.startswith("plan."):
        _take_event(entry, told)
    elif entry.action == "key.create":
        known = {name: entry.details[name] for name in ("name", "role", "digest") if name in entry.details}
        ends = entry.details.get("expires_at")
        row = {"scope": entry.scope, "created_by": entry.actor, "created_at": entry.at, "revoked_by": None}
        row |= {"revoked_at": None, "expires_at": None if ends is None else datetime.fromisoformat(ends)}
        told.keys[entry.subject] = entry.number, {**row, **known}
    elif entry.action == "key.revoke":
        _, kept = told.keys.get(entry.subject, (0, {}))
        told.keys[entry.subject] = entry.number, {**kept, "revoked_by": entry.actor, "revoked_at": entry.at}
    elif entry.action == chain.STEP:
        told.courses.setdefault(entry.subject, _Course(int(entry.details["sequence"]))).count += 1


def _take_event(entry: Entry, told: _Told) -> None:
    own = {"event", "state", "reason", "digest"}
    details = {name: value for name, value in entry.details.items() if name not in own}
    action, number, digest = entry.action.removeprefix("plan."), int(entry.details["event"]), entry.details["digest"]
    row = {"plan_id": entry.subject, "action": action, "state": entry.details["state"], "by": entry.actor}
    row |= {"at": entry.at, "reason": entry.details["reason"], "digest": digest, "details": details}
    told.events[number] = entry.number, row
    if entry.action in _RETIRING:
        ends = {"valid_to": date.fromisoformat(details["valid_to"]), "successor": details["successor"]}
        told.retirements[entry.subject] = entry.number, {**ends, "retired_by": entry.actor, "retired_at": entry.at}
        return
    told.plans[entry.subject] = entry.number, {"state": row["state"], "digest": digest, "scope": entry.scope}
    if entry.action == "plan.publish":
        begins = {"valid_from": date.fromisoformat(details["valid_from"]), "scope": entry.scope}
        who = {"published_by": entry.actor, "published_at": entry.at}
        told.publications[entry.subject] = entry.number, {**begins, **who}


def _table(
    connection: sa.Connection, table: sa.Table, told: Rows, older: Callable[[dict[str, Any]], bool]
) -> Comparison:
    """Compare the rows of a table with what the log says of them; each has one column that names it."""
    (key,) = table.primary_key.columns
    misfits, found, before = list[Misfit](), set[Any](), 0
    for each in connection.execute(sa.select(table).order_by(key)):
        row = dict(each._mapping)
        name = row[key.name]
        found.add(name)
        if name in told:
            misfits += _differing(table.name, str(name), *told[name], row)
        elif older(row):
            before += 1
        else:
            misfits.append(Misfit(table.name, str(name), None, "no such row", "one"))
    lost = [name for name in told if name not in found]
    misfits += [Misfit(table.name, str(name), told[name][0], "a row", "none") for name in lost]
    return Comparison(tuple(misfits), len(found) - before, before)


def _differing(table: str, name: str, record: int, told: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Misfit]:
    for column, expected in told.items():
        if expected != row[column]:
            yield Misfit(table, name, record, f"{column} = {_text(expected)}", _text(row[column]))


def _text(value: Any) -> str:
    """Return a value as it is said; a moment in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "nothing" if value is None else str(value)


def _steps(connection: sa.Connection, entries: Iterable[Entry]) -> Iterator[Misfit]:
    """Compare steps of incidents, by the digest that their records have."""
    wanted = {(entry.subject, int(entry.details["sequence"])): entry for entry in entries}
    if not wanted:
        return
    ids = {incident for incident, _ in wanted}
    query = sa.select(incident_steps).where(incident_steps.c.incident_id.in_(ids))
    rows = {(row.incident_id, row.sequence): dict(row._mapping) for row in connection.execute(query)}
    for (incident, sequence), entry in wanted.items():
        row = rows.get((incident, sequence))
        if row is None or chain.digest_of_row(row) != entry.details["digest"]:
            found = "none" if row is None else "another"
            name = f"{incident} step {sequence}"
            yield Misfit(incident_steps.name, name, entry.number, f"the step {entry.details['step']!r}", found)


def _courses(connection: sa.Connection, courses: Mapping[str, _Course]) -> Iterator[Misfit]:
    """Compare how many steps incidents have: from the first that the log has, it has each that was taken here."""
    own = incident_steps.c.action.not_in(_BROUGHT)
    query = sa.select(incident_steps.c.incident_id, incident_steps.c.sequence).where(own)
    found = Counter(
        incident
        for incident, sequence in connection.execute(query)
        if incident in courses and sequence >= courses[incident].first
    )
    for incident, course in courses.items():
        if found[incident] > course.count:
            yield Misfit(incident_steps.name, incident, None, f"{course.count} steps", str(found[incident]))
