"""A plan on the day that something happens: classes of buildings, an area drawn or listed, who is to be called."""

from __future__ import annotations

from gridplan.situation.read import read_area, read_buildings
from gridplan.situation.selection import Selection, select
from gridplan.situation.sheet import write_contacts, write_selection
from gridplan.situation.theme import NO_CLASS, Theme, by_grid, read_theme
from gridplan.situation.workers import Workers, read_workers

__all__ = [
    "NO_CLASS",
    "Selection",
    "Theme",
    "Workers",
    "by_grid",
    "read_area",
    "read_buildings",
    "read_theme",
    "read_workers",
    "select",
    "write_contacts",
    "write_selection",
]
