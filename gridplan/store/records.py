"""What a store says about plans: their state, their events, and the words for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Stages of a plan's life; ``retired`` is a published plan whose last day has passed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class PlanInfo:
    """
    A plan in the store, without its layers.

    Parameters
    ----------
    plan_id
        Name in the store, never given twice.
    name
        What the plan was saved as.
    scope
        Prefix of its community codes: the district or street that it plans; "" for the whole store.
    author, created_at
        Who saved it first, and when (UTC).
    state
        Stage of its life today.
    base
        Number of the newest publication in its scope when it was begun, 0 for none.
    revision
        How often edits were saved.
    digest
        SHA-256 of the content at this revision.
    number
        Number of its publication, counted through the store, or None.
    valid_from, valid_to
        First day in force, and first day no more in force; None where not published, or not retired.
    published_by, published_at
        By whom and when (UTC); None where not published.
    """

    plan_id: str
    name: str
    scope: str
    author: str
    created_at: datetime
    state: State
    base: int
    revision: int
    digest: str
    number: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    published_by: str | None = None
    published_at: datetime | None = None

    def in_force(self, on: date) -> bool:
        """
        Tell whether the plan is in force on a day.

        Parameters
        ----------
        on
            The day.
        """
        return self.valid_from is not None and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class Event:
    """
    One step in the life of a plan.

    Parameters
    ----------
    number
        Order in the store.
    plan_id
        The plan.
    action
        ``save, edit, submit, approve, send_back, discard, publish, supersede`` or ``retire``.
    state
        State of the plan afterwards.
    by, at, reason
        Who took the step, when (UTC) and why.
    digest
        SHA-256 of the plan's content as it was then.
    details
        What else belongs to the step: ``valid_from``, ``successor``, and the like.
    """

    number: int
    plan_id: str
    action: str
    state: State
    by: str
    at: datetime
    reason: str
    digest: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """
    Who takes a step in a plan's life, when and why.

    Parameters
    ----------
    by
        The person.
    at
        The moment, UTC.
    today
        The day at the store's place.
    reason
        Why; may be empty.
    """

    by: str
    at: datetime
    today: date
    reason: str
