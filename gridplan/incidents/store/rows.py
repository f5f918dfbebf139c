"""Rows of the tables of incidents, and back; conditions that scopes and filters put on them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gridplan.errors import NoIncidentError, StaleIncidentError
from gridplan.incidents.incident import Incident, Person, Review, Step
from gridplan.store.incident_tables import incident_people, incident_reviews, incident_steps, incidents

NO_SUCH = "there is no incident {!r}"


@dataclass(frozen=True)
class Which:
    """
    Which incidents; what is None, or "", does not restrict.

    Parameters
    ----------
    scope
        Prefix of codes: of the grid, or of who brought it while it has no grid.
    grid_code, category, state, source, workflow, level, holder
        Exactly these.
    start, end
        Reported from this moment on, and before that one; aware.
    open
        True for those that are open, False for closed ones.
    """

    scope: str = ""
    grid_code: str | None = None
    category: str | None = None
    state: str | None = None
    source: str | None = None
    workflow: str | None = None
    level: str | None = None
    holder: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    open: bool | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the same as conditions on the table."""
        same = ("grid_code", "category", "state", "source", "workflow", "level", "holder")
        found = [incidents.c[name] == getattr(self, name) for name in same if getattr(self, name) is not None]
        if self.scope:
            found.append(seen_by(self.scope))
        if self.start is not None:
            found.append(incidents.c.reported_at >= self.start)
        if self.end is not None:
            found.append(incidents.c.reported_at < self.end)
        if self.open is not None:
            found.append(incidents.c.closed_at.is_(None) if self.open else incidents.c.closed_at.is_not(None))
        return found


def seen_by(scope: str) -> sa.ColumnElement[bool]:
    """Return the condition that a scope sees an incident: by its grid, or by who brought it while it has none."""
    code = sa.func.coalesce(incidents.c.grid_code, incidents.c.scope)
    return sa.func.substr(code, 1, len(scope)) == scope


def incident_of(row: Any) -> Incident:
    """Return an incident from its row."""
    return Incident(**{each.name: row[each.name] for each in fields(Incident)})


def read(connection: sa.Connection, incident_id: str, scope: str = "") -> Incident:
    """
    Return an incident.

    Parameters
    ----------
    connection
        Any transaction.
    incident_id
        Its id.
    scope
        Prefix of codes; one outside it is answered as one that does not exist.

    Raises
    ------
    NoIncidentError
        If there is none.
    """
    query = sa.select(incidents).where(incidents.c.incident_id == incident_id, *Which(scope).conditions())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoIncidentError(NO_SUCH.format(incident_id[:60]))
    return incident_of(row._mapping)


def read_person(connection: sa.Connection, incident_id: str) -> Person:
    """Return who reported an incident; empty where nothing is known."""
    row = connection.execute(sa.select(incident_people).where(incident_people.c.incident_id == incident_id)).first()
    return Person() if row is None else Person(row.reporter, row.phone, row.address, row.words)


def read_steps(connection: sa.Connection, incident_id: str) -> list[Step]:
    """Return the steps of an incident, oldest first."""
    query = sa.select(incident_steps).where(incident_steps.c.incident_id == incident_id)
    rows = connection.execute(query.order_by(incident_steps.c.sequence))
    return [Step(**row._mapping) for row in rows]


def read_review(connection: sa.Connection, incident_id: str) -> Review | None:
    """Return the review of an incident, settled or not; None where it never needed one."""
    query = sa.select(incident_reviews).where(incident_reviews.c.incident_id == incident_id)
    row = connection.execute(query).first()
    return None if row is None else Review(**row._mapping)


def write_step(connection: sa.Connection, before: Incident, after: Incident, step: Step) -> None:
    """
    Write a step and what it made of the incident, if nobody took another since.

    Parameters
    ----------
    connection
        A writing transaction.
    before, after, step
        The incident as it was read, as it is, and the step.

    Raises
    ------
    StaleIncidentError
        If its sequence is no more the one that was read.
    """
    new, old = asdict(after), asdict(before)
    changed = {name: value for name, value in new.items() if value != old[name]}
    where = (incidents.c.incident_id == before.incident_id, incidents.c.sequence == before.sequence)
    done = connection.execute(sa.update(incidents).where(*where).values(**changed))
    if done.rowcount != 1:
        raise StaleIncidentError(f"incident {before.incident_id} was changed since it was read; read it again")
    connection.execute(sa.insert(incident_steps), [step_row(step)])


def step_row(step: Step) -> dict[str, Any]:
    """Return the row of a step."""
    return {each.name: getattr(step, each.name) for each in fields(Step)} | {"details": dict(step.details)}


def set_review(connection: sa.Connection, review: Review) -> None:
    """Put an incident before a person; what was settled before is asked anew."""
    connection.execute(sa.delete(incident_reviews).where(incident_reviews.c.incident_id == review.incident_id))
    connection.execute(sa.insert(incident_reviews), [asdict(review)])


def settle_review(connection: sa.Connection, incident_id: str, by: str, at: datetime) -> None:
    """Note that nobody has to look at an incident any more."""
    where = (incident_reviews.c.incident_id == incident_id, incident_reviews.c.settled_at.is_(None))
    connection.execute(sa.update(incident_reviews).where(*where).values(settled_at=at, settled_by=by))
