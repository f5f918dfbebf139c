"""An incident, and one step of its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any


@dataclass(frozen=True)
class Incident:
    """
    One reported matter. Who reported it, and in which words, is kept apart: see `Person`.

    Parameters
    ----------
    incident_id
        Ours, made of ``source`` and ``source_id``.
    source, source_id
        Register, and id there.
    digest
        Of what the register said.
    scope
        Prefix of codes of who brought it.
    reported_at
        UTC, as all times.
    category, category_said
        Code in the tree, "" where unknown; the register's word.
    level, workflow, state, holder
        See `gridplan.incidents.handling`.
    due_at, escalate_at, paused_at, closed_at
        None where there is none.
    on_time
        1 or 0 where the register itself says, else None.
    rating
        ``satisfied, basic, unsatisfied`` or "".
    minutes
        Work that it took, or None.
    lon, lat, precision_m
        WGS 84, degrees; metres to which they are rounded.
    placed_by, match_level, confidence
        How it came to its grid.
    grid_code, plan_id
        Its grid and the plan under which it was placed; None while it is reviewed.
    sequence
        Of its newest step.
    """

    incident_id: str
    source: str
    source_id: str
    digest: str
    scope: str
    reported_at: datetime
    category: str
    category_said: str
    level: str
    workflow: str
    state: str
    holder: str = "grid"
    due_at: datetime | None = None
    escalate_at: datetime | None = None
    paused_at: datetime | None = None
    closed_at: datetime | None = None
    on_time: int | None = None
    rating: str = ""
    minutes: float | None = None
    lon: float | None = None
    lat: float | None = None
    precision_m: float | None = None
    placed_by: str = ""
    match_level: str = ""
    confidence: float | None = None
    grid_code: str | None = None
    plan_id: str | None = None
    sequence: int = 1

    def late(self, now: datetime) -> bool:
        """Tell whether it is late at an aware moment: open, not paused, and its time is over."""
        return self.closed_at is None and self.paused_at is None and self.due_at is not None and self.due_at < now

    def soon_late(self, now: datetime, share: float) -> bool:
        """
        Tell whether it is soon late.

        Parameters
        ----------
        now
            The moment, aware.
        share
            Share of its time of which less must be left.
        """
        if self.closed_at is not None or self.paused_at is not None or self.due_at is None or self.due_at < now:
            return False
        return self.due_at - now < share * (self.due_at - self.reported_at)


@dataclass(frozen=True)
class Person:
    """
    Who reported an incident, where exactly and in which words; kept apart, shown to few, each look recorded.

    Parameters
    ----------
    reporter, phone, address, words
        "" where unknown.
    """

    reporter: str = ""
    phone: str = ""
    address: str = ""
    words: str = ""

    @property
    def known(self) -> list[str]:
        """Names of the fields that hold something: what somebody who looks at them is shown."""
        return [name for name, value in vars(self).items() if value]


@dataclass(frozen=True)
class Step:
    """
    One step in an incident's life; written once.

    Parameters
    ----------
    incident_id, sequence
        Which, and its place in the incident's life, from 1.
    action
        ``import, open, change`` or an action of `gridplan.incidents.course`.
    state, holder
        Afterwards.
    by, role, at, reason
        Who took it, as what, when (UTC) and why.
    details
        What else belongs to it; plain JSON values.
    """

    incident_id: str
    sequence: int
    action: str
    state: str
    holder: str
    by: str
    role: str
    at: datetime
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Review:
    """
    A record that a person has to look at.

    Parameters
    ----------
    incident_id
        Which.
    reason
        One of `gridplan.incidents.deciding.REASONS`.
    candidates
        Grids that it may belong to: ``grid_code, by, share``.
    question
        What to ask the caller, in Chinese and English; "" for nothing.
    at
        Since when (UTC).
    settled_at, settled_by
        When and by whom it was decided; None while it waits.
    """

    incident_id: str
    reason: str
    candidates: list[dict[str, Any]]
    question: str
    at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None


def incident_id_of(source: str, source_id: str) -> str:
    """
    Return the id of an incident: the same for the same register and id, whenever it is brought.

    Examples
    --------
    >>> incident_id_of("12345", "G1") == incident_id_of("12345", "G1") != incident_id_of("1234", "5G1")
    True
    """
    return blake2b(f"{source}\x1f{source_id}".encode(), digest_size=10).hexdigest()
