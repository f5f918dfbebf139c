"""How long something may take, in minutes, working hours, working days or calendar days; and what is left of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gridplan.errors import RulesError
from gridplan.incidents.calendar import Calendar

_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z_]+|[\u4e00-\u9fff]+)\s*")
MINUTE = timedelta(minutes=1)


class Unit(StrEnum):
    """Units of an allowance."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


_CHINESE = {
    "分钟": Unit.MINUTES,
    "小时": Unit.HOURS,
    "工作时": Unit.WORKING_HOURS,
    "工作小时": Unit.WORKING_HOURS,
    "工作日": Unit.WORKING_DAYS,
    "自然日": Unit.CALENDAR_DAYS,
    "天": Unit.CALENDAR_DAYS,
}


@dataclass(frozen=True)
class Allowance:
    """
    How long something may take.

    ``minutes`` and ``hours`` pass day and night. ``working_hours`` pass in working time alone. ``working_days`` end
    with the work of the n-th working day behind the first day, which does not count. ``calendar_days`` end n days
    later at the same local time, whatever summer time does meanwhile.

    Parameters
    ----------
    amount
        > 0; whole for days.
    unit
        See above.

    Examples
    --------
    >>> Allowance.of("4 working_hours"), str(Allowance.of("5工作日"))
    (Allowance(amount=4.0, unit=<Unit.WORKING_HOURS: 'working_hours'>), '5 working_days')
    """

    amount: float
    unit: Unit

    @classmethod
    def of(cls, text: str) -> Allowance:
        """
        Read an allowance.

        Parameters
        ----------
        text
            ``90 minutes``, ``2 hours``, ``4 working_hours``, ``5 working_days``, ``7 calendar_days``; or in Chinese.

        Raises
        ------
        RulesError
            If it is none.
        """
        found = _WRITTEN.fullmatch(text)
        unit = None if found is None else _CHINESE.get(found[2]) or next((u for u in Unit if u.value == found[2]), None)
        if found is None or unit is None:
            raise RulesError(f"expected a number and one of {', '.join(Unit)}; found {text!r}")
        amount = float(found[1])
        if amount <= 0 or (unit in {Unit.WORKING_DAYS, Unit.CALENDAR_DAYS} and not amount.is_integer()):
            raise RulesError(f"expected more than 0, and whole days; found {text!r}")
        return cls(amount, unit)

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit.value}"

    def after(self, begin: datetime, calendar: Calendar) -> datetime:
        """
        Return when the time is over, in UTC.

        Parameters
        ----------
        begin
            Aware.
        calendar
            Working time at the place.
        """
        if self.unit == Unit.WORKING_HOURS:
            return calendar.add_working(begin, self.amount * 60)
        if self.unit == Unit.WORKING_DAYS:
            return calendar.end_of(calendar.working_day_after(calendar.local_day(begin), int(self.amount)))
        if self.unit == Unit.CALENDAR_DAYS:
            local = begin.astimezone(calendar.tz)
            return calendar.at(local.date() + timedelta(days=int(self.amount)), local.time())
        minutes = self.amount * (60 if self.unit == Unit.HOURS else 1)
        return begin.astimezone(UTC) + timedelta(minutes=minutes)

    def left(self, now: datetime, due: datetime, calendar: Calendar) -> float:
        """
        Return what is left, in minutes, working minutes or days as the unit has it; 0 where nothing is.

        Parameters
        ----------
        now, due
            Aware.
        calendar
            As for `after`.
        """
        if now >= due:
            return 0.0
        if self.unit == Unit.WORKING_HOURS:
            return calendar.working_minutes(now, due)
        if self.unit == Unit.WORKING_DAYS:
            return float(calendar.working_days(calendar.local_day(now), calendar.local_day(due)))
        return (due - now) / MINUTE

    def resumed(self, left: float, now: datetime, calendar: Calendar) -> datetime:
        """
        Return when the time is over after a pause.

        Parameters
        ----------
        left
            What `left` returned when the pause began.
        now
            When the pause ends, aware.
        calendar
            As for `after`.
        """
        if self.unit == Unit.WORKING_HOURS and left > 0:
            return calendar.add_working(now, left)
        if self.unit == Unit.WORKING_DAYS:
            return calendar.end_of(calendar.working_day_after(calendar.local_day(now), int(left)))
        return now.astimezone(UTC) + left * MINUTE
