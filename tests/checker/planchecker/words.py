"""How the checker words what it finds."""

from __future__ import annotations

from collections.abc import Iterable


def some(values: Iterable[object]) -> str:
    """Return the number of values and the first three in order of their text."""
    ordered = sorted(map(str, values))
    more = ", ..." if len(ordered) > 3 else ""
    return f"{len(ordered)}: {', '.join(ordered[:3])}{more}"
