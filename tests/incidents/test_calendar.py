"""Deadlines: over holidays and make-up days, over changes of summer time, over pauses; against a slow oracle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.errors import RulesError
from gridplan.incidents.allowance import Allowance, Unit
from gridplan.incidents.calendar import Calendar
from gridplan.incidents.handling import read_handling

HANDLING = read_handling()
CHINA = HANDLING.calendar
BOSTON = Calendar("America/New_York")


def local(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("within", "begin", "due"),
    [
        # The Spring Festival of 2026: free from Sunday 15 to Monday 23 February; both Saturdays around it are worked.
        ("1 working_days", "2026-02-13T10:00", "2026-02-14T17:30"),
        ("2 working_days", "2026-02-13T10:00", "2026-02-24T17:30"),
        ("6 working_days", "2026-02-13T10:00", "2026-02-28T17:30"),
        ("4 working_hours", "2026-02-14T16:30", "2026-02-24T11:30"),
        ("4 working_hours", "2026-02-18T09:00", "2026-02-24T14:00"),
        ("5 working_hours", "2026-03-02T11:00", "2026-03-02T17:30"),
        ("1 working_days", "2025-09-30T23:59", "2025-10-09T17:30"),
        ("2 working_days", "2025-09-30T09:00", "2025-10-10T17:30"),
        ("3 working_days", "2025-09-30T09:00", "2025-10-11T17:30"),
        ("7 calendar_days", "2026-02-13T10:00", "2026-02-20T10:00"),
        ("90 minutes", "2026-02-13T23:00", "2026-02-14T00:30"),
        ("2小时", "2026-02-13T23:00", "2026-02-14T01:00"),
    ],
)
def test_deadlines_over_holidays(within: str, begin: str, due: str) -> None:
    found = Allowance.of(within).after(local(begin), CHINA).astimezone(CHINA.tz)
    assert found == local(due), found


@pytest.mark.parametrize(
    ("within", "begin", "due", "hours"),
    [
        ("1 calendar_days", "2015-03-07T12:00", "2015-03-08T12:00", 23),
        ("1 calendar_days", "2015-10-31T12:00", "2015-11-01T12:00", 25),
        ("24 hours", "2015-03-07T12:00", "2015-03-08T13:00", 24),
        ("24 hours", "2015-10-31T12:00", "2015-11-01T11:00", 24),
        ("1 working_days", "2015-03-06T16:00", "2015-03-09T17:30", 72.5),
        ("2 working_hours", "2015-03-06T16:30", "2015-03-09T09:30", 64),
        ("1 calendar_days", "2015-03-07T02:30", "2015-03-08T03:30", 24),  # half past two does not exist that night
    ],
)
def test_deadlines_over_summer_time(within: str, begin: str, due: str, hours: float) -> None:
    start = local(begin, BOSTON.zone)
    found = Allowance.of(within).after(start, BOSTON)
    assert found.astimezone(BOSTON.tz).replace(tzinfo=None) == datetime.fromisoformat(due)
    assert (found - start.astimezone(UTC)) == timedelta(hours=hours)


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=60, deadline=None)
@given(begin=MOMENTS, minutes=st.integers(1, 3000), zone=st.sampled_from([CHINA, BOSTON]))
def test_working_time_added_is_the_working_time_between(begin: datetime, minutes: int, zone: Calendar) -> None:
    start = begin.replace(tzinfo=UTC)
    end = zone.add_working(start, minutes)
    assert zone.working_minutes(start, end) == minutes
    assert zone.working_minutes(start, end - timedelta(minutes=1)) < minutes


@settings(max_examples=60, deadline=None)
@given(
    begin=MOMENTS,
    passed=st.integers(0, 20_000),
    pause=st.integers(0, 40_000),
    within=st.sampled_from(["600 minutes", "30 hours", "9 working_hours", "6 working_days", "10 calendar_days"]),
)
def test_a_pause_takes_no_time(begin: datetime, passed: int, pause: int, within: str) -> None:
    allowance, start = Allowance.of(within), begin.replace(tzinfo=UTC)
    due = allowance.after(start, CHINA)
    stopped = start + timedelta(minutes=passed)
    left = allowance.left(stopped, due, CHINA)
    resumed = stopped + timedelta(minutes=pause)
    later = allowance.resumed(left, resumed, CHINA)
    if stopped >= due:
        assert left == 0
    else:
        assert later >= due
        assert later >= resumed
        assert allowance.left(resumed, later, CHINA) == pytest.approx(left)


def minute_by_minute(within: Allowance, begin: datetime, calendar: Calendar) -> datetime:
    """Return when the time is over, by walking on minute by minute and looking at the clock on the wall."""
    at, first = begin, begin.astimezone(calendar.tz).date()
    days: list[date] = []
    worked, ended = 0.0, begin
    wanted = begin.astimezone(calendar.tz)
    while True:
        wall = at.astimezone(calendar.tz)
        day, clock = wall.date(), wall.time()
        if within.unit == Unit.CALENDAR_DAYS and day == first + timedelta(days=int(within.amount)):
            midnight = at
            while at.astimezone(calendar.tz).date() == day:
                if at.astimezone(calendar.tz).time() == wanted.time():
                    return at
                at += timedelta(minutes=1)
            return midnight + timedelta(hours=wanted.hour, minutes=wanted.minute)  # no such time in that night
        free = day in calendar.off or day.isoweekday() not in calendar.weekdays
        working = (day in calendar.on or not free) and any(start <= clock < end for start, end in calendar.hours)
        if working and day > first and day not in days:
            if within.unit == Unit.WORKING_DAYS and len(days) == within.amount:
                return ended
            days.append(day)
        at += timedelta(minutes=1)
        if working:
            worked, ended = worked + 1, at
            if within.unit == Unit.WORKING_HOURS and worked == within.amount * 60:
                return at


NIGHTS = ((time(0), time(6)), (time(8, 30), time(12)), (time(13), time(23, 30)))
FREE = st.frozensets(st.dates(date(2026, 3, 1), date(2026, 3, 20)), max_size=4)


@settings(max_examples=40, deadline=None)
@given(
    begin=st.one_of(  # around both changes of summer time in Boston, and the Spring Festival and National Day in China
        st.datetimes(datetime(2026, 3, 5), datetime(2026, 3, 12)),
        st.datetimes(datetime(2026, 10, 29), datetime(2026, 11, 3)),
        st.datetimes(datetime(2026, 2, 10), datetime(2026, 2, 20)),
        st.datetimes(datetime(2026, 9, 25), datetime(2026, 10, 5)),
    ),
    within=st.one_of(
        st.integers(1, 30).map(lambda n: f"{n} working_hours"),
        st.integers(1, 5).map(lambda n: f"{n} working_days"),
        st.integers(1, 9).map(lambda n: f"{n} calendar_days"),
    ),
    place=st.sampled_from([CHINA, BOSTON, Calendar("America/New_York", NIGHTS, frozenset(range(1, 8)))]),
    off=FREE,
    on=FREE,
)
def test_deadlines_are_those_of_the_clock_on_the_wall(
    begin: datetime, within: str, place: Calendar, off: frozenset[date], on: frozenset[date]
) -> None:
    calendar = replace(place, off=place.off | off, on=place.on | on)
    start, allowance = begin.replace(second=0, microsecond=0, tzinfo=UTC), Allowance.of(within)
    assert allowance.after(start, calendar) == minute_by_minute(allowance, start, calendar)


def test_a_working_day_counts_from_the_next() -> None:
    monday = CHINA.working_day_after(local("2026-03-02").date(), 0)
    assert [CHINA.working_day_after(monday, count).day for count in range(6)] == [2, 3, 4, 5, 6, 9]
    assert CHINA.working_days(monday, local("2026-03-09").date()) == 5


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        'timezone = "Mars/Olympus"\n[categories]\nlost = {zh="x", en="y", under="nowhere", level="huge"}\n'
        'slow = {zh="z", en="w", within="5 fortnights"}\n'
        '[workflows.loop]\nzh="a"\nen="b"\nstart="one"\ndone="one"\nstates=[{code="one",zh="1",en="1"}]\n'
        'transitions=[{action="go",zh="去",en="Go",from=["one"],to="two",roles=["wizard"]}]\n'
    )
    with pytest.raises(RulesError) as caught:
        read_handling(file)
    for part in ("Mars/Olympus", "'nowhere'", "'huge'", "5 fortnights", "no state 'two'", "'wizard'", "closed state"):
        assert part in str(caught.value), part
    file.write_text("workdays = 1")
    with pytest.raises(RulesError, match="unknown keys 'workdays'"):
        read_handling(file)


def test_a_file_adds_to_what_is_shipped(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('timezone = "America/New_York"\n[categories]\nrodents = {zh="鼠患", en="Rodent Activity"}\n')
    own = read_handling(file)
    assert own.calendar.zone == "America/New_York"
    assert own.categories.code_of(" rodent  ACTIVITY ") == "rodents"
    assert own.categories.code_of("噪音扰民") == "noise"
    assert own.categories.within("noise") == Allowance.of("3 working_days")
    assert own.categories.within("fire_lane") == Allowance.of("24 hours"), "of the category above"
    assert own.within("gas", "emergency") == Allowance.of("2 hours"), "the level goes before the category"


@pytest.mark.parametrize("text", ["", "soon", "5 weeks", "0 hours", "-1 minutes", "1.5 working_days", "1,5 hours"])
def test_what_is_no_allowance_is_refused(text: str) -> None:
    with pytest.raises(RulesError, match="expected"):
        Allowance.of(text)


def test_the_three_workflows_are_those_of_practice() -> None:
    names = {
        code: "、".join(state.label.zh for state in flow.states.values()) for code, flow in HANDLING.workflows.items()
    }
    assert names["six_steps"] == "吹哨、报到、会商、落实、反馈、评价"
    assert names["city"].startswith("受理、立案、派遣、处置、核查、结案")
    assert names["hotline"] == "受理、调度、办理、回复、督办、办结、回访、评价"
    assert [each.label.zh for each in HANDLING.levels.values()] == ["应急", "重点", "常规", "协调"]
