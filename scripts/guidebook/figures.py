"""Whether the figures in a guide's sentences are those that its commands print."""

from __future__ import annotations

import re
from calendar import month_name
from pathlib import Path

from .pages import prose_of

_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日|(\d{1,2}) (\w+) (\d{4})")
_CLOCK = re.compile(r"\d{1,2}时(?:\d{1,2}分)?|\d{1,2}:\d{2}")
# Digits that are no part of a code, a name or a clock; single ones are found anywhere.
_FIGURE = re.compile(r"(?<![\w.:-])\d[\d,]*\d(?:\.\d+)?(?![\w:]|\.\d)|(?<![\w.:-])\d\.\d+", re.ASCII)


def unsupported(page: Path, said: str) -> list[str]:
    """
    Return the figures and days of a guide's sentences that stand in nothing that was run or printed.

    Parameters
    ----------
    page
        The guide.
    said
        Commands, and what they printed.
    """
    prose, known = prose_of(page), set(_figures(said.replace("\\", " ")))
    days = [_iso(match) for match in _DAY.finditer(prose)]
    missing = [day for day in days if day not in said and day != "2026-07-01"]
    return missing + sorted(set(_figures(_CLOCK.sub(" ", _DAY.sub(" ", prose)))) - known)


def _figures(text: str) -> list[str]:
    return [each.replace(",", "").removesuffix(".0") for each in _FIGURE.findall(text)]


def _iso(match: re.Match[str]) -> str:
    if match[1]:
        year, month, day = map(int, match.group(1, 2, 3))
    else:
        day, month, year = int(match[4]), list(month_name).index(match[5]), int(match[6])
    return f"{year}-{month:02d}-{day:02d}"
