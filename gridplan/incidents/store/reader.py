"""The reading half of the desk: incidents, their history, what is late and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from gridplan.incidents.handling import Handling, read_handling
from gridplan.incidents.incident import Incident, Person, Review, Step
from gridplan.incidents.store.rows import Which, incident_of, read, read_person, read_review, read_steps, seen_by
from gridplan.store import Store
from gridplan.store.engine import reading
from gridplan.store.incident_tables import incident_reviews, incidents


@dataclass(frozen=True)
class File:
    """
    All that is known of one incident.

    Parameters
    ----------
    incident, steps, review
        It, its history, and what a person has or had to look at.
    """

    incident: Incident
    steps: list[Step]
    review: Review | None


class IncidentReader:
    """
    What can be asked of the incidents of a store; each answer is of one moment.

    Parameters
    ----------
    store
        The store.
    handling
        Calendar, categories and workflows; what is shipped where None.
    """

    def __init__(self, store: Store, handling: Handling | None = None) -> None:
        self.store, self.handling = store, handling or read_handling()

    def now(self) -> datetime:
        """Return the moment, UTC."""
        return self.store._clock().astimezone(UTC)

    def get(self, incident_id: str, scope: str = "") -> File:
        """
        Return an incident with its history.

        Raises
        ------
        NoIncidentError
            If there is none, or it lies outside the scope.
        """
        with reading(self.store.engine) as connection:
            return self._file(connection, incident_id, scope)

    def find(self, source_id: str, scope: str = "") -> list[Incident]:
        """Return the incidents that registers know by an id; or the one whose id of ours it is."""
        same = sa.or_(incidents.c.source_id == source_id, incidents.c.incident_id == source_id)
        query = sa.select(incidents).where(same, *Which(scope).conditions()).order_by(incidents.c.source)
        with reading(self.store.engine) as connection:
            return [incident_of(row._mapping) for row in connection.execute(query)]

    def person(self, incident_id: str, scope: str = "") -> Person:
        """Return who reported an incident; who calls this records that it was read."""
        with reading(self.store.engine) as connection:
            read(connection, incident_id, scope)
            return read_person(connection, incident_id)

    def page(self, which: Which | None = None, *, limit: int = 100, after: str = "") -> tuple[list[Incident], int]:
        """
        Return incidents, the newest first, and how many there are in all.

        Parameters
        ----------
        which
            Which; all where None.
        limit
            Most to return.
        after
            Id behind which to begin; "" for the newest.
        """
        conditions = (which or Which()).conditions()
        count = sa.select(sa.func.count()).select_from(incidents).where(*conditions)
        order = (incidents.c.reported_at.desc(), incidents.c.incident_id)
        with reading(self.store.engine) as connection:
            total = int(connection.scalar(count) or 0)
            if after:
                last = read(connection, after)
                later = sa.and_(incidents.c.reported_at == last.reported_at, incidents.c.incident_id > after)
                conditions = [*conditions, sa.or_(incidents.c.reported_at < last.reported_at, later)]
            query = sa.select(incidents).where(*conditions).order_by(*order).limit(limit)
            return [incident_of(row._mapping) for row in connection.execute(query)], total

    def late(self, scope: str = "", *, soon: bool = False) -> list[Incident]:
        """
        Return the incidents that are late, the latest first; or those that are soon late.

        Parameters
        ----------
        scope
            Prefix of codes.
        soon
            Whether those are asked for that are not late but soon will be.
        """
        now, share = self.now(), self.handling.soon_share
        side = incidents.c.due_at >= now if soon else incidents.c.due_at < now
        waiting = (incidents.c.closed_at.is_(None), incidents.c.paused_at.is_(None), side)
        query = sa.select(incidents).where(*waiting, *Which(scope).conditions()).order_by(incidents.c.due_at)
        with reading(self.store.engine) as connection:
            found = [incident_of(row._mapping) for row in connection.execute(query)]
        return [each for each in found if each.soon_late(now, share)] if soon else found

    def reviews(
        self, scope: str = "", *, limit: int = 100, reason: str | None = None
    ) -> Sequence[tuple[Review, Incident]]:
        """
        Return what a person has to look at, oldest first.

        Parameters
        ----------
        scope
            Prefix of codes.
        limit
            Most to return.
        reason
            Only those of this reason.
        """
        joined = sa.join(incident_reviews, incidents, incidents.c.incident_id == incident_reviews.c.incident_id)
        conditions: list[sa.ColumnElement[bool]] = [incident_reviews.c.settled_at.is_(None)]
        conditions += [seen_by(scope)] if scope else []
        conditions += [incident_reviews.c.reason == reason] if reason else []
        query = sa.select(incident_reviews.c.incident_id).select_from(joined).where(*conditions)
        query = query.order_by(incident_reviews.c.at, incident_reviews.c.incident_id).limit(limit)
        with reading(self.store.engine) as connection:
            found = []
            for incident_id in connection.scalars(query).all():
                review = read_review(connection, incident_id)
                if review is not None:
                    found.append((review, read(connection, incident_id)))
            return found

    def _file(self, connection: sa.Connection, incident_id: str, scope: str) -> File:
        incident = read(connection, incident_id, scope)
        return File(incident, read_steps(connection, incident_id), read_review(connection, incident_id))
