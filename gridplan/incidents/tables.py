"""Incidents as a frame, as statistics take them: one row each, with its grid, its times and its verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd

from gridplan.errors import IncidentError
from gridplan.incidents.calendar import Calendar

#: Columns that statistics need.
COLUMNS = (
    "incident_id", "source", "reported_at", "closed_at", "due_at", "on_time", "rating", "category", "category_said",
    "level", "holder", "minutes", "lon", "lat", "grid_code", "plan_id",
)  # fmt: skip
TIMES = ("reported_at", "closed_at", "due_at")


def framed(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """
    Return rows as a frame.

    Parameters
    ----------
    rows
        Values in the order of `COLUMNS`; times aware.
    """
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    for name in ("on_time", "minutes", "lon", "lat"):
        frame[name] = pd.to_numeric(frame[name]).astype(float)
    return frame


class Period:
    """
    A period of whole days at a place.

    Parameters
    ----------
    first, last
        First and last day, both included.
    calendar
        Says the time zone.

    Raises
    ------
    IncidentError
        If the last day lies before the first.

    Examples
    --------
    >>> october = Period(date(2026, 10, 1), date(2026, 10, 31), Calendar())
    >>> str(october), str(october.before())
    ('2026-10-01..2026-10-31', '2026-08-31..2026-09-30')
    """

    def __init__(self, first: date, last: date, calendar: Calendar) -> None:
        if last < first:
            raise IncidentError(f"period: expected a last day not before the first; found {first}..{last}")
        self.first, self.last, self.calendar = first, last, calendar

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """Its first moment, UTC."""
        return self.calendar.at(self.first, time())

    @property
    def end(self) -> datetime:
        """The first moment behind it, UTC."""
        return self.calendar.at(self.last + timedelta(days=1), time())

    def before(self) -> Period:
        """Return the period of as many days right before it."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.calendar)

    def holds(self, moments: pd.Series) -> np.ndarray:
        """Return which moments lie in it; shape (n,)."""
        inside: np.ndarray = ((moments >= self.start) & (moments < self.end)).to_numpy()
        return inside

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def verdicts(frame: pd.DataFrame, at: datetime) -> pd.Series:
    """
    Return whether each incident was in time.

    What the register says itself goes first. Else one that is closed was in time if it was closed by its deadline;
    an open one is late once its deadline has passed, and not judged before. Without a deadline none is judged, nor one
    that was closed before it was reported.

    Parameters
    ----------
    frame
        Columns of `COLUMNS`.
    at
        The moment of judging, aware.

    Returns
    -------
    verdicts
        1.0 in time, 0.0 late, NaN not judged.
    """
    closed, due = frame["closed_at"].notna(), frame["due_at"].notna()
    met = (frame["closed_at"] <= frame["due_at"]).astype(float)
    found = met.where(due & (frame["closed_at"] >= frame["reported_at"]))
    late = ~closed & due & (frame["due_at"] < pd.Timestamp(at))
    found = found.mask(late, 0.0)
    return found.where(frame["on_time"].isna(), frame["on_time"])
