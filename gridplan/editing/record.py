"""What is kept of an edit: who, when, why, what it changed, and how to take it back; all of it plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from gridplan.editing import errors
from gridplan.editing.effects import Effects

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True)
class Delta:
    """
    The difference that an edit made, with both sides, so that it can be taken back and made again exactly.

    Parameters
    ----------
    moved
        ``(code before, code after, unit ids)``; every unit whose code changed stands in one entry.
    before, after
        Name, kind and lock of the grids that the edit replaced, and of those that replaced them:
        ``{"grid_code", "community_code", "name", "kind", "locked"}``.
    violations_before, violations_after
        Rows of the layer ``violations`` that went and that came.
    rules_before, rules_after
        Rules of the plan where the edit changed them, else None.
    """

    moved: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    before: tuple[Mapping[str, Any], ...] = ()
    after: tuple[Mapping[str, Any], ...] = ()
    violations_before: tuple[Mapping[str, Any], ...] = ()
    violations_after: tuple[Mapping[str, Any], ...] = ()
    rules_before: Mapping[str, Any] | None = None
    rules_after: Mapping[str, Any] | None = None

    def inverse(self) -> Delta:
        """Return the difference that takes this one back."""
        return Delta(
            tuple((after, before, units) for before, after, units in self.moved),
            self.after,
            self.before,
            self.violations_after,
            self.violations_before,
            self.rules_after,
            self.rules_before,
        )

    @property
    def codes(self) -> set[str]:
        """All grid codes on either side."""
        return {str(row["grid_code"]) for row in (*self.before, *self.after)}


@dataclass(frozen=True)
class EditRecord:
    """
    One edit.

    Parameters
    ----------
    edit_id
        Unique in the plan's history, in order.
    action
        ``merge, split, move, follow, redraw, lock, unlock, rename, change_kind, replan``, ``undo`` or ``redo``.
    parameters
        What was asked for, as plain JSON; `gridplan.plan.Plan.edit` takes it again.
    author, reason
        Who, and why; may be empty.
    at
        When, in UTC.
    forced
        Whether the author insisted on a breach of a rule.
    effects
        What the edit changed.
    delta
        How to take it back.
    base
        ``edit_id`` of the edit before, "" for the first.
    """

    edit_id: str
    action: str
    parameters: Mapping[str, Any]
    author: str
    at: datetime
    reason: str
    forced: bool
    effects: Effects
    delta: Delta = field(repr=False)
    base: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON values; the time in ISO 8601."""
        return {**asdict(self), "at": self.at.isoformat(), "effects": self.effects.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EditRecord:
        """
        Return the record that `to_dict` wrote.

        Parameters
        ----------
        values
            As `to_dict` returns, also after JSON has made lists of tuples.
        """
        delta = dict(values["delta"])
        delta["moved"] = tuple((before, after, tuple(units)) for before, after, units in delta["moved"])
        rows = ("before", "after", "violations_before", "violations_after")
        delta |= {name: tuple(dict(row) for row in delta[name]) for name in rows}
        own = {
            "at": datetime.fromisoformat(values["at"]),
            "forced": bool(values["forced"]),
            "effects": Effects.from_dict(values["effects"]),
            "delta": Delta(**delta),
        }
        return cls(**{**values, **own})


def utc(at: datetime | None) -> datetime:
    """
    Return a moment in UTC, now where none is given.

    Parameters
    ----------
    at
        A moment that says its offset from UTC.

    Raises
    ------
    EditError
        If it does not say one.
    """
    if at is None:
        return datetime.now(UTC)
    if at.tzinfo is None:
        raise errors.impossible("no_offset", at=at.isoformat())
    return at.astimezone(UTC)
