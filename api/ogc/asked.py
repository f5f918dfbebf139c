"""What a map program asks of a collection: read strictly, since a parameter that is overlooked is a wrong map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

import shapely
from starlette.datastructures import QueryParams

from api.ogc.collections import Collection, Span
from api.ogc.crs import ALWAYS, CRS84, Box, area_of, epsg_of
from api.problems import INVALID, ProblemError

# Programs ask for 10, 100 or 1,000 at a time; each page is a request.
USUAL, MOST = 1_000, 10_000
_FURTHEST = 10**9
_WHOLE = re.compile(r"-?[0-9]{1,17}")
ITEMS = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f")


@dataclass(frozen=True)
class Asked:
    """
    A question to a collection.

    Parameters
    ----------
    area
        In EPSG:4490, or None.
    epsg
        CRS of the answer; None for CRS84.
    limit, offset
        Features of the page, and behind how many it begins.
    values
        Values of properties that are asked for.
    """

    area: shapely.Geometry | None
    epsg: int | None
    limit: int
    offset: int
    values: Mapping[str, Any]


def asked_of(given: QueryParams, collection: Collection, zones: tuple[int, ...]) -> Asked:
    """
    Read a question.

    Parameters
    ----------
    given
        Parameters of the request.
    collection
        What is asked.
    zones
        EPSG codes of the plans' own CRSs.

    Raises
    ------
    ProblemError
        If a parameter is unknown, given twice, or not what it should be.
    """
    known = {*ITEMS, *filterable(collection)}
    _require_known(given, known)
    crss = (*ALWAYS, *zones)
    box = given.get("bbox")
    area = None
    if box is not None:
        area = area_of(_box(box), epsg_of(given.get("bbox-crs", CRS84), crss, "bbox-crs"))
    values = {name: _value(given[name], name, collection) for name in filterable(collection) if name in given}
    return Asked(
        area,
        epsg_of(given.get("crs", CRS84), crss, "crs"),
        min(_number(given.get("limit", str(USUAL)), "limit", 1), MOST),
        _number(given.get("offset", "0"), "offset", 0),
        values,
    )


def filterable(collection: Collection) -> list[str]:
    """Return the properties that a collection can be filtered by."""
    return [name for name, kind in collection.fields.items() if kind != "number"]


def crs_of(given: QueryParams, zones: tuple[int, ...]) -> int | None:
    """Read the CRS in which one feature is asked for."""
    _require_known(given, {"crs", "f"})
    return epsg_of(given.get("crs", CRS84), (*ALWAYS, *zones), "crs")


def span_of(text: str | None, today: date) -> Span:
    """
    Read the days that are meant: one, or from one to another.

    Parameters
    ----------
    text
        ``2026-11-01``, ``2026-11-01T00:00:00Z``, ``2026-11-01/..``; None is today.
    today
        The day at the service's place.

    Raises
    ------
    ProblemError
        If it is no day and no span of days.
    """
    if text is None:
        return today, today
    ends = text.split("/")
    if len(ends) > 2 or (len(ends) == 2 and all(end in {"", ".."} for end in ends)):
        raise _no_day(text)
    if len(ends) == 1:
        day = _day(text, text)
        return day, day
    first = date.min if ends[0] in {"", ".."} else _day(ends[0], text)
    last = date.max if ends[1] in {"", ".."} else _day(ends[1], text)
    if first > last:
        raise _no_day(text)
    return first, last


def _require_known(given: QueryParams, known: set[str]) -> None:
    names = [name for name, _ in given.multi_items()]
    wrong = [name for name in names if name not in known or names.count(name) > 1]
    if wrong:
        raise ProblemError(INVALID, f"expected each once of {', '.join(sorted(known))}; found {wrong[0][:40]!r}")
    if given.get("f", "json") not in {"json", "geojson"}:
        raise ProblemError(INVALID, f"f: expected json; found {given['f'][:40]!r}")


def _box(text: str) -> Box:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:  # heights say nothing of grids
        numbers = [numbers[place] for place in (0, 1, 3, 4)]
    if len(numbers) != 4 or not all(map(isfinite, numbers)):
        raise ProblemError(INVALID, f"bbox: expected four numbers, or six with heights; found {text[:100]!r}")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _number(text: str, name: str, least: int) -> int:
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= _FURTHEST:
        raise ProblemError(INVALID, f"{name}: expected a whole number from {least} on; found {text[:40]!r}")
    return int(text)


def _value(text: str, name: str, collection: Collection) -> Any:
    if collection.fields[name] == "string":
        return text
    if not _WHOLE.fullmatch(text):
        raise ProblemError(INVALID, f"{name}: expected a whole number; found {text[:40]!r}")
    return int(text)


def _day(text: str, whole: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise _no_day(whole) from None


def _no_day(text: str) -> ProblemError:
    return ProblemError(INVALID, f"datetime: expected 2026-11-01, or a span 2026-11-01/.. of days; found {text[:60]!r}")
