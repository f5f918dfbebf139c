"""
How a plan shows itself in a notebook, without gridplan knowing of HTML.

Who can draw says so under the entry point group ``gridplan.views``: its functions take the thing and return HTML. In a
checkout that is not installed there are no entry points; there `register` says it. Where nobody can draw, ``view``
returns None and the notebook shows the text of ``repr`` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

GROUP = "gridplan.views"
Drawer = Callable[[Any], str]
_REGISTERED: dict[str, Drawer] = {}


def register(drawers: Mapping[str, Drawer]) -> None:
    """
    Name functions that draw, where no entry point does.

    Parameters
    ----------
    drawers
        By what they draw: ``plan``, ``grid``, ``diff`` or ``effects``.
    """
    _REGISTERED.update(drawers)


@cache
def _drawer(name: str) -> Drawer | None:
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    return found[0].load() if found else None


def view(name: str, thing: object) -> str | None:
    """
    Return the HTML of a thing, or None where nothing installed draws its like.

    Parameters
    ----------
    name
        What it is: ``plan``, ``grid``, ``diff`` or ``effects``.
    thing
        The thing.
    """
    drawer = _drawer(name) or _REGISTERED.get(name)
    return None if drawer is None else drawer(thing)
