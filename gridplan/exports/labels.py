"""Labels on a map that do not lie on each other."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import shapely

PT_MM: Final = 25.4 / 72
_LATIN_WIDTH = 0.58
_LINE_HEIGHT = 1.3


class Labels:
    """
    Places texts, the earlier ones first in right.

    Parameters
    ----------
    axes
        Axes in metres.
    scale
        Denominator of the map: 1 mm on paper is ``scale / 1000`` metres.
    """

    def __init__(self, axes: Any, scale: int) -> None:
        self.axes, self.metres = axes, scale / 1000
        west, east = axes.get_xlim()
        south, north = axes.get_ylim()
        self.room = shapely.box(west, south, east, north)
        self.taken: list[shapely.Geometry] = []

    def box(self, text: str, x: float, y: float, size: float, angle: float = 0.0) -> shapely.Geometry:
        """Return the ground that a text of a size (points) takes, turned about its middle by an angle (degrees)."""
        lines = text.split("\n")
        letters = max(sum(1.0 if ord(letter) > 0x2E7F else _LATIN_WIDTH for letter in line) for line in lines)
        width = letters * size * PT_MM * self.metres
        height = _LINE_HEIGHT * len(lines) * size * PT_MM * self.metres
        flat = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        turn, middle = math.radians(angle), np.array([x, y])
        spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        return shapely.transform(flat, lambda points: (points - middle) @ spin + middle)

    def free(self, ground: shapely.Geometry) -> bool:
        """Return whether ground lies in the map and on no other label."""
        return bool(self.room.contains(ground)) and not any(shapely.intersects(ground, each) for each in self.taken)

    def write(
        self, text: str, x: float, y: float, size: float, *, angle: float = 0.0, force: bool = False, **style: Any
    ) -> bool:
        """Write a text where there is room, or anyway with ``force``; return whether it was written."""
        from matplotlib.patheffects import withStroke

        ground = self.box(text, x, y, size, angle)
        if not force and not self.free(ground):
            return False
        self.taken.append(ground)
        self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            rotation=angle,
            ha="center",
            va="center",
            linespacing=1.1,
            path_effects=[withStroke(linewidth=size / 4, foreground="white")],
            **style,
        )
        return True
