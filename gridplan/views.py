"""
How a plan shows itself in a notebook, without gridplan knowing of HTML.

Who can draw says so under the entry point group ``gridplan.views``: its functions take the thing and return HTML.
Where nobody can, ``view`` returns None and the notebook shows the text of ``repr`` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

GROUP = "gridplan.views"
Drawer = Callable[[Any], str]


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
    drawer = _drawer(name)
    return None if drawer is None else drawer(thing)
