"""Bring a register's records into a store: new ones are written, changed ones are steps on record, the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
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
from gridplan.incidents.store.bulk import insert_columns, roomy
from gridplan.incidents.store.merging import merged
from gridplan.incidents.store.report import ImportReport, report_of
from gridplan.incidents.store.rows import incident_of, set_review, settle_review, write_step
from gridplan.incidents.workflows import HOLDERS
from gridplan.store.incident_tables import (
    incident_imports,
    incident_people,
    incident_reviews,
    incident_steps,
    incidents,
)

Progress = Callable[[int, int | None], None]
# Rows written in one statement.
AT_ONCE = 5_000
_PERSONAL = ("reporter", "phone", "address", "words")
_SAID = (
    "reported_at", "closed_at", "due_at", "category_said", "level", "status", "rating", "on_time", "minutes", "lon",
    "lat", "community", *_PERSONAL,
)  # fmt: skip
_TAKEN = (
    "source_id", "reported_at", "category", "category_said", "level", "rating", "minutes", "precision_m", "placed_by",
    "match_level", "confidence", "grid_code", "plan_id",
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
    columns
        The fields of `Incident` as they would be if nothing were known of them, one list each.
    people
        Personal data, by column, in the same order.
    reviews
        Those that a person has to look at, by id.
    records, placed
        Where they come from.
    """

    columns: Mapping[str, list[Any]]
    people: Mapping[str, list[Any]]
    reviews: dict[str, Review]
    records: Records
    placed: Placed

    def incident(self, place: int) -> Incident:
        """Return one of the incidents."""
        return Incident(**{name: values[place] for name, values in self.columns.items()})


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
    said = {name: _plain(frame[name]) for name in frame.columns}
    made = _columns(said, layout.source, scope, handling, has_due="due_at" in records.columns)
    made["digest"] = _digests(records.frame)
    names = made["incident_id"]
    people = {"incident_id": names, **{name: said[name] for name in _PERSONAL}}
    told = zip(names, said["reason"], said["candidates"], said["question"], strict=True)
    reviews = {
        name: Review(name, reason, candidates, question, now) for name, reason, candidates, question in told if reason
    }
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
    known = _known(connection, source)
    names, digests = batch.columns["incident_id"], batch.columns["digest"]
    new = [place for place, name in enumerate(names) if name not in known]
    changed = [place for place, name in enumerate(names) if known.get(name, digests[place]) != digests[place]]
    report = report_of(batch.records, batch.placed, batch.reviews, names, batch.columns["grid_code"], new, changed)
    if not dry_run:
        total = len(names)
        with roomy(connection):
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
        values = np.array(column.dt.to_pydatetime(), dtype=object)
    elif pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy().astype(object)
    else:
        return column.tolist()
    values[column.isna().to_numpy()] = None
    plain: list[Any] = values.tolist()
    return plain


def _digests(frame: pd.DataFrame) -> list[str]:
    """Return what tells two sayings of a register apart, for each record."""
    columns = []
    for name in _SAID:
        column = frame[name]
        is_time = isinstance(column.dtype, pd.DatetimeTZDtype)
        columns.append(list(map(str, (column.astype("int64") if is_time else column).tolist())))
    rows = zip(*columns, strict=True)
    return [blake2b("\x1f".join(row).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() for row in rows]


def _columns(
    said: Mapping[str, list[Any]], source: str, scope: str, handling: Handling, *, has_due: bool
) -> dict[str, list[Any]]:
    """Return the fields of incidents, but for the digest, from what the register says of them and where they lie."""
    count = len(said["source_id"])
    flows = {
        code: handling.workflows[handling.categories.workflow(code, handling.default_workflow)]
        for code in set(said["category"])
    }
    mine = [flows[code] for code in said["category"]]
    asked = zip(said["due_at"], said["category"], said["level"], said["reported_at"], strict=True)
    due = said["due_at"] if has_due else [at or handling.due(code, level, begin) for at, code, level, begin in asked]
    closed = said["closed"]
    # Of one that is closed, nobody knows when, no deadline tells whether it was in time.
    unknown = [over and at is None for over, at in zip(closed, said["closed_at"], strict=True)]
    due = [None if never else at for at, never in zip(due, unknown, strict=True)]
    ended = zip(said["closed_at"], said["reported_at"], closed, strict=True)
    constants = {"source": source, "scope": scope, "holder": HOLDERS[0], "paused_at": None, "sequence": 1}
    return {
        **{name: said[name] for name in _TAKEN},
        **{name: [value] * count for name, value in constants.items()},
        "incident_id": [incident_id_of(source, name) for name in said["source_id"]],
        "workflow": [flow.code for flow in mine],
        "state": [flow.done if over else flow.start for flow, over in zip(mine, closed, strict=True)],
        "due_at": due,
        "escalate_at": [None if over else at for at, over in zip(due, closed, strict=True)],
        "closed_at": [at or (begin if over else None) for at, begin, over in ended],
        "on_time": [None if met is None else int(met) for met in said["on_time"]],
        "lon": said["lon_placed"],
        "lat": said["lat_placed"],
    }


def _known(connection: sa.Connection, source: str) -> dict[str, str]:
    """Return the digests of the register's incidents that are known, by id."""
    query = sa.select(incidents.c.incident_id, incidents.c.digest).where(incidents.c.source == source)
    return {row[0]: row[1] for row in connection.execute(query)}


def _insert(connection: sa.Connection, batch: Batch, places: Sequence[int], by: str, now: datetime) -> None:
    some = {name: list(map(values.__getitem__, places)) for name, values in batch.columns.items()}
    insert_columns(connection, incidents, some)
    told = zip(places, *(map(batch.people[name].__getitem__, places) for name in _PERSONAL), strict=True)
    known = [place for place, *said in told if any(said)]
    people = {name: list(map(values.__getitem__, known)) for name, values in batch.people.items()}
    insert_columns(connection, incident_people, people)
    shared = {"action": "import", "by": by, "role": "system", "at": now, "reason": "", "details": {}, "sequence": 1}
    steps: dict[str, list[Any]] = {name: [value] * len(places) for name, value in shared.items()}
    insert_columns(
        connection, incident_steps, steps | {name: some[name] for name in ("incident_id", "state", "holder")}
    )
    reviews = [batch.reviews[name] for name in some["incident_id"] if name in batch.reviews]
    columns = {each.name: [getattr(review, each.name) for review in reviews] for each in fields(Review)}
    insert_columns(connection, incident_reviews, columns)


def _change(connection: sa.Connection, batch: Batch, place: int, by: str, now: datetime, handling: Handling) -> None:
    said = batch.incident(place)
    row = connection.execute(sa.select(incidents).where(incidents.c.incident_id == said.incident_id)).one()
    before = incident_of(row._mapping)
    after = merged(before, said, handling)
    details = {"changed": sorted(name for name, value in vars(after).items() if value != getattr(before, name))}
    step = Step(after.incident_id, after.sequence, "change", after.state, after.holder, by, "system", now, "", details)
    write_step(connection, before, after, step)
    mine = incident_people.c.incident_id == after.incident_id
    connection.execute(sa.delete(incident_people).where(mine))
    connection.execute(sa.insert(incident_people), [{name: v[place] for name, v in batch.people.items()}])
    if after.placed_by != "person" and after.incident_id in batch.reviews:
        set_review(connection, batch.reviews[after.incident_id])
    elif after.grid_code is not None:
        settle_review(connection, after.incident_id, by, now)


def _record(connection: sa.Connection, source: str, file: str, by: str, now: datetime, report: ImportReport) -> None:
    number = int(connection.scalar(sa.select(sa.func.max(incident_imports.c.number))) or 0) + 1
    row = {"number": number, "source": source, "file": file, "by": by, "at": now, "report": report.plain()}
    connection.execute(sa.insert(incident_imports), [row])
