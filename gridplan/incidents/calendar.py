"""When people work: weekdays, hours, holidays and make-up days (调休) at a place, across changes of summer time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# A calendar without any working time within so many days is refused rather than searched for ever.
LONGEST_REST_DAYS = 60


@dataclass(frozen=True)
class Calendar:
    """
    Working time at a place.

    Parameters
    ----------
    zone
        IANA name of the time zone, such as ``Asia/Shanghai``.
    hours
        Working hours of a day as pairs of begin and end in local time, rising, not overlapping.
    weekdays
        Working weekdays, 1 Monday to 7 Sunday.
    off
        Days that are free though their weekday is not.
    on
        Days that are worked though their weekday is free, or though they are in ``off``.
    """

    zone: str = "Asia/Shanghai"
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    off: frozenset[date] = field(default=frozenset())
    on: frozenset[date] = field(default=frozenset())

    @property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

    def local_day(self, at: datetime) -> date:
        """Return the day at the place, of an aware moment."""
        return at.astimezone(self.tz).date()

    def is_working(self, day: date) -> bool:
        """
        Tell whether a day is worked.

        Examples
        --------
        >>> calendar = Calendar(off=frozenset({date(2026, 2, 16)}), on=frozenset({date(2026, 2, 14)}))
        >>> calendar.is_working(date(2026, 2, 16)), calendar.is_working(date(2026, 2, 14))
        (False, True)
        """
        return day in self.on or (day.isoweekday() in self.weekdays and day not in self.off)

    def at(self, day: date, hour: time) -> datetime:
        """Return a local time of a day as a moment in UTC; one that a change of summer time skips lies behind it."""
        return datetime.combine(day, hour, self.tz).astimezone(UTC)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the working hours of a day as moments in UTC; none where it is free."""
        return _spans(self, day)

    def end_of(self, day: date) -> datetime:
        """Return the end of a day's work, in UTC; of a free day the end that its hours would have."""
        return self.at(day, self.hours[-1][1])

    def add_working(self, begin: datetime, minutes: float) -> datetime:
        """
        Return the moment at which so many working minutes have passed.

        Parameters
        ----------
        begin
            Aware.
        minutes
            > 0.
        """
        left, day, rest = timedelta(minutes=minutes), self.local_day(begin), 0
        while rest < LONGEST_REST_DAYS:
            rest += 1
            for start, end in self.spans(day):
                start = max(start, begin)
                if start < end:
                    rest = 0
                    if start + left <= end:
                        return start + left
                    left -= end - start
            day += DAY
        raise ValueError(f"no working time within {LONGEST_REST_DAYS} days after {day}")

    def working_minutes(self, begin: datetime, end: datetime) -> float:
        """Return the working minutes between two aware moments; 0 where the second is not later."""
        day, last, total = self.local_day(begin), self.local_day(end), timedelta()
        while day <= last:
            pieces = ((max(start, begin), min(stop, end)) for start, stop in self.spans(day))
            total += sum((stop - start for start, stop in pieces if stop > start), timedelta())
            day += DAY
        return total / timedelta(minutes=1)

    def working_day_after(self, day: date, count: int) -> date:
        """
        Return the n-th working day behind a day, which itself does not count (民法典 201); the day itself for 0.

        Parameters
        ----------
        day
            Any day.
        count
            >= 0.
        """
        rest = 0
        while count > 0 and rest < LONGEST_REST_DAYS:
            day += DAY
            rest += 1
            if self.is_working(day):
                count, rest = count - 1, 0
        if count:
            raise ValueError(f"no working day within {LONGEST_REST_DAYS} days before {day}")
        return day

    def working_days(self, begin: date, end: date) -> int:
        """Return the working days behind the first day, up to the second."""
        days = range(1, max((end - begin).days, 0) + 1)
        return sum(self.is_working(begin + timedelta(days=passed)) for passed in days)


@lru_cache(maxsize=4096)
def _spans(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    if not calendar.is_working(day):
        return ()
    return tuple((calendar.at(day, begin), calendar.at(day, end)) for begin, end in calendar.hours)
