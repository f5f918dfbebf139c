"""Bring a register's records into a store: new ones are written, changed ones are steps on record, the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from gridplan.errors import IncidentError
from gridplan.incidents.handling import Handling
from gridplan.incidents.incident import Incident, Review, Step, incident_id_of
from gridplan.incidents.mapping import Layout
from gridplan.incidents.placing import Placed
from gridplan.incidents.records import Records
from gridplan.incidents.store.merging import merged
from gridplan.incidents.store.report import ImportReport, report_of
from gridplan.incidents.store.rows import incident_of, set_review, settle_review, write_step
from gridplan.store.incident_tables import (
    incident_imports,
    incident_people,
    incident_reviews,
    incident_steps,
    incidents,
)

Progress = Callable[[int, int | None], None]
# Rows written, and ids asked for, in one statement.
AT_ONCE = 5_000
_PERSONAL = ("reporter", "phone", "address", "words")
_SAID = (
    "reported_at", "closed_at", "due_at", "category_said", "level", "status", "rating", "on_time", "minutes", "lon",
    "lat", "community", *_PERSONAL,
)  # fmt: skip


def no_progress(done: int, total: int | None) -> None:
    """Report nothing."""
    del done, total


@dataclass(frozen=True)
class Batch:
    """
    Records with their places, ready to be written.

    Parameters
    ----------
    incidents
        As they would be if nothing were known of them.
    people
        Rows of personal data, by incident.
    reviews
        Those that a person has to look at, by id.
    records, placed
        Where they come from.
    """

    incidents: list[Incident]
    people: list[dict[str, Any]]
    reviews: dict[str, Review]
    records: Records
    placed: Placed


def prepare(records: Records, placed: Placed, layout: Layout, handling: Handling, scope: str, now: datetime) -> Batch:
    """
    Make incidents of records.

    Parameters
    ----------
    records, placed
        What the register says, and where it belongs.
    layout, handling
        How it was read, and how matters are handled.
    scope
        Prefix of codes of who brings them.
    now
        The moment, UTC.

    Raises
    ------
    IncidentError
        If the register has no name.
    """
    if not layout.source:
        raise IncidentError("source: expected the name of the register, such as 12345; an incident is known by it")
    frame = records.frame.join(placed.frame.rename(columns={"lon": "lon_placed", "lat": "lat_placed"}))
    plain = {name: _plain(frame[name]) for name in frame.columns}
    has_due = "due_at" in records.columns
    made, people, reviews = [], [], {}
    for number in range(len(frame)):
        row = {name: values[number] for name, values in plain.items()}
        incident = _incident(row, layout.source, scope, handling, has_due)
        made.append(incident)
        people.append({"incident_id": incident.incident_id, **{name: row[name] for name in _PERSONAL}})
        if row["reason"]:
            review = Review(incident.incident_id, row["reason"], row["candidates"], row["question"], now)
            reviews[incident.incident_id] = review
    return Batch(made, people, reviews, records, placed)


def write(
    connection: sa.Connection,
    batch: Batch,
    source: str,
    by: str,
    now: datetime,
    *,
    file: str = "",
    handling: Handling,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> ImportReport:
    """
    Write incidents; those already known are compared with what the register said before.

    Parameters
    ----------
    connection
        A writing transaction; any transaction for a dry run.
    batch
        The incidents.
    source, file
        The register, and the table that was read.
    by, now
        Who brings them, and when (UTC).
    handling
        How matters are handled.
    dry_run
        Whether everything is done but the writing.
    progress
        Called with the rows done and those of all.
    """
    known = _known(connection, [each.incident_id for each in batch.incidents])
    new = [place for place, each in enumerate(batch.incidents) if each.incident_id not in known]
    changed = [
        place
        for place, each in enumerate(batch.incidents)
        if each.incident_id in known and known[each.incident_id] != each.digest
    ]
    touched = [batch.incidents[place] for place in (*new, *changed)]
    report = report_of(batch.records, batch.placed, batch.reviews, touched, len(new))
    if not dry_run:
        total = len(batch.incidents)
        for begin in range(0, len(new), AT_ONCE):
            _insert(connection, batch, new[begin : begin + AT_ONCE], by, now)
            progress(min(begin + AT_ONCE, len(new)), total)
        for place in changed:
            _change(connection, batch, place, by, now, handling)
        if new or changed:
            _record(connection, source, file, by, now, report)
        progress(total, total)
    return report


def _plain(column: pd.Series) -> list[Any]:
    """Return a column as plain values; nothing is None."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        there = column.notna().to_numpy()
        return [at if is_there else None for at, is_there in zip(column.dt.to_pydatetime(), there, strict=True)]
    if pd.api.types.is_float_dtype(column.dtype):
        return [None if np.isnan(value) else value for value in column.to_numpy(dtype=float).tolist()]
    return column.tolist()


def _incident(row: dict[str, Any], source: str, scope: str, handling: Handling, has_due: bool) -> Incident:
    flow = handling.workflows[handling.categories.workflow(row["category"], handling.default_workflow)]
    due = row["due_at"]
    if due is None and not has_due:
        due = handling.due(row["category"], row["level"], row["reported_at"])
    said = "\x1f".join(map(str, [row[name] for name in _SAID]))
    return Incident(
        incident_id=incident_id_of(source, row["source_id"]),
        source=source,
        source_id=row["source_id"],
        digest=blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
        scope=scope,
        reported_at=row["reported_at"],
        category=row["category"],
        category_said=row["category_said"],
        level=row["level"],
        workflow=flow.code,
        state=flow.done if row["closed"] else flow.start,
        due_at=due,
        escalate_at=None if row["closed"] else due,
        closed_at=row["closed_at"] or (row["reported_at"] if row["closed"] else None),
        on_time=None if row["on_time"] is None else int(row["on_time"]),
        rating=row["rating"],
        minutes=row["minutes"],
        lon=row["lon_placed"],
        lat=row["lat_placed"],
        precision_m=row["precision_m"],
        placed_by=row["placed_by"],
        match_level=row["match_level"],
        confidence=row["confidence"],
        grid_code=row["grid_code"],
        plan_id=row["plan_id"],
    )


def _known(connection: sa.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the digests of those that are known, by id."""
    names, found = iter(ids), dict[str, str]()
    while some := list(islice(names, AT_ONCE)):
        query = sa.select(incidents.c.incident_id, incidents.c.digest).where(incidents.c.incident_id.in_(some))
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def _insert(connection: sa.Connection, batch: Batch, places: Sequence[int], by: str, now: datetime) -> None:
    some = [batch.incidents[place] for place in places]
    shared = {"action": "import", "by": by, "role": "system", "at": now, "reason": "", "details": {}, "sequence": 1}
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        incidents: [vars(each) for each in some],
        incident_people: [row for place in places if any((row := batch.people[place])[name] for name in _PERSONAL)],
        incident_steps: [
            {"incident_id": each.incident_id, "state": each.state, "holder": each.holder, **shared} for each in some
        ],
        incident_reviews: [
            asdict(batch.reviews[each.incident_id]) for each in some if each.incident_id in batch.reviews
        ],
    }
    for table, found in rows.items():
        if found:
            connection.execute(sa.insert(table), found)


def _change(connection: sa.Connection, batch: Batch, place: int, by: str, now: datetime, handling: Handling) -> None:
    said = batch.incidents[place]
    row = connection.execute(sa.select(incidents).where(incidents.c.incident_id == said.incident_id)).one()
    before = incident_of(row._mapping)
    after = merged(before, said, handling)
    details = {"changed": sorted(name for name, value in vars(after).items() if value != getattr(before, name))}
    step = Step(after.incident_id, after.sequence, "change", after.state, after.holder, by, "system", now, "", details)
    write_step(connection, before, after, step)
    mine = incident_people.c.incident_id == after.incident_id
    connection.execute(sa.delete(incident_people).where(mine))
    connection.execute(sa.insert(incident_people), [batch.people[place]])
    if after.placed_by != "person" and after.incident_id in batch.reviews:
        set_review(connection, batch.reviews[after.incident_id])
    elif after.grid_code is not None:
        settle_review(connection, after.incident_id, by, now)


def _record(connection: sa.Connection, source: str, file: str, by: str, now: datetime, report: ImportReport) -> None:
    number = int(connection.scalar(sa.select(sa.func.max(incident_imports.c.number))) or 0) + 1
    row = {"number": number, "source": source, "file": file, "by": by, "at": now, "report": report.plain()}
    connection.execute(sa.insert(incident_imports), [row])
