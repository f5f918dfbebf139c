"""Parts of printed pages that are drawn in millimetres: rows of a table, and a line of what colours mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gridplan.exports.workbook import width_of

_LINE, _EDGE = "#bbbbbb", "#777777"
_BOX_WIDE, _BOX_HIGH = 6.0, 3.2
# Millimetres that a Latin letter of eight points takes at most.
_LETTER = 2.0


def put_rows(
    page: Any,
    lines: Sequence[Sequence[object]],
    *,
    left: float,
    top: float,
    across: float,
    stops: Sequence[float],
    row: float,
    size: float,
) -> None:
    """
    Write a table; its first line is its head.

    Parameters
    ----------
    page
        Axes in millimetres.
    lines
        Cells by line.
    left, top, across
        Where it begins, and how wide it is, millimetres.
    stops
        Where columns begin, shares of the width.
    row
        Height of a line, millimetres.
    size
        Of the text, points.
    """
    for number, cells in enumerate(lines):
        y = top - number * row
        page.plot([left, left + across], [y - row / 2] * 2, color=_LINE, linewidth=0.4)
        for stop, cell in zip(stops, cells, strict=True):
            weight = "normal" if number else "bold"
            page.text(left + across * stop, y, str(cell), fontsize=size, va="center", weight=weight)


def put_legend(
    page: Any, fills: Sequence[tuple[str, str]], line: tuple[str, str, float], *, left: float, y: float
) -> None:
    """
    Draw what fills and a line mean, side by side.

    Parameters
    ----------
    page
        Axes in millimetres.
    fills
        Words and colour of each fill.
    line
        Words, colour and width (points) of the line.
    left, y
        Where it begins, millimetres.
    """
    x = left
    for words, colour in fills:
        high = [y - _BOX_HIGH / 2, y - _BOX_HIGH / 2, y + _BOX_HIGH / 2, y + _BOX_HIGH / 2]
        page.fill([x, x + _BOX_WIDE, x + _BOX_WIDE, x], high, facecolor=colour, edgecolor=_EDGE, linewidth=0.4)
        page.text(x + _BOX_WIDE + 1.5, y, words, fontsize=8, va="center")
        x += _BOX_WIDE + 7 + _LETTER * width_of(words)
    words, colour, width = line
    page.plot([x, x + _BOX_WIDE], [y, y], color=colour, linewidth=width)
    page.text(x + _BOX_WIDE + 1.5, y, words, fontsize=8, va="center")
