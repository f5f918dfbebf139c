"""Whether one record that a person or a program opens could be an incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gridplan.incidents.handling import Handling
from gridplan.schema import nearest

# A clock of somebody else's may be so much ahead.
AHEAD = timedelta(minutes=5)


def faults(record: Mapping[str, Any], handling: Handling, now: datetime) -> list[str]:
    """
    Return what is wrong with a record, each with what was expected.

    Parameters
    ----------
    record
        As for `gridplan.incidents.store.Incidents.open`.
    handling
        Categories and levels.
    now
        The moment, aware.
    """
    found = []
    category = str(record.get("category", ""))
    if not handling.categories.code_of(category):
        names = [name for each in handling.categories.by_code.values() for name in (each.code, each.label.zh)]
        found.append(
            f"category: expected one of the tree; found {category[:40]!r} (nearest: {nearest(category, names) or '-'})"
        )
    level = str(record.get("level") or "")
    if level and level not in handling.levels:
        found.append(f"level: expected one of {', '.join(handling.levels)}; found {level[:40]!r}")
    reported, closed = (_time(record.get(name)) for name in ("reported_at", "closed_at"))
    if reported is None:
        found.append(f"reported_at: expected a time with its zone; found {str(record.get('reported_at'))[:40]!r}")
    elif reported > now + AHEAD:
        found.append(f"reported_at: expected no time in the future; found {reported.isoformat()}")
    if reported is not None and closed is not None and closed < reported:
        found.append(f"closed_at: expected a time not before reported_at; found {closed.isoformat()}")
    return found


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
