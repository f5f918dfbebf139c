"""How matters are handled: calendar, categories, levels, workflows, escalation; from TOML over what is shipped."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridplan.errors import RulesError
from gridplan.incidents.allowance import Allowance
from gridplan.incidents.calendar import Calendar
from gridplan.incidents.categories import Categories, Category
from gridplan.incidents.workflows import Label, StateOf, Transition, Workflow
from gridplan.schema import nearest

SHIPPED = Path(__file__).parent / "handling.toml"
# Tables whose entries a user's file adds to or replaces one by one; all else it replaces whole.
_MERGED = ("categories", "levels", "workflows", "roles")


@dataclass(frozen=True)
class Level:
    """
    How pressing a matter is.

    Parameters
    ----------
    code, label
        Its name.
    within
        Deadline that goes before the category's, or None.
    """

    code: str
    label: Label
    within: Allowance | None = None


@dataclass(frozen=True)
class Handling:
    """
    How matters are handled.

    Parameters
    ----------
    calendar
        Working time at the place.
    categories, levels, workflows, roles
        By code.
    default_level, default_workflow
        Of a category that names none.
    default_within
        Deadline of a category that names none; None for no deadline.
    soon_share
        A matter is soon late when less than this share of its time is left, 0 to 1.
    escalate_after
        Time that each further level has, once a matter is late.
    """

    calendar: Calendar
    categories: Categories
    levels: Mapping[str, Level]
    workflows: Mapping[str, Workflow]
    roles: Mapping[str, Label]
    default_level: str = "general"
    default_workflow: str = "city"
    default_within: Allowance | None = None
    soon_share: float = 0.25
    escalate_after: Allowance = field(default_factory=lambda: Allowance.of("8 working_hours"))

    def within(self, category: str, level: str) -> Allowance | None:
        """
        Return how long a matter may take, None where there is no deadline.

        Parameters
        ----------
        category, level
            Codes; an unknown category has the default.
        """
        found = self.levels[level].within if level in self.levels else None
        return found or self.categories.within(category) or self.default_within

    def due(self, category: str, level: str, begin: datetime) -> datetime | None:
        """Return the deadline of a matter that was reported at an aware moment; None where there is none."""
        within = self.within(category, level)
        return None if within is None else within.after(begin, self.calendar)


def read_handling(path: Path | None = None) -> Handling:
    """
    Read how matters are handled.

    Parameters
    ----------
    path
        TOML file over what is shipped: its categories, levels, workflows and roles are added to the shipped ones or
        replace those of the same code (``categories_only = true`` drops the shipped categories); other keys replace
        the shipped ones. None for what is shipped.

    Raises
    ------
    RulesError
        If it cannot be read, or anything in it is wrong; all faults at once.
    """
    if path is None:
        return _shipped()
    shipped, own = tomllib.loads(SHIPPED.read_text("utf-8")), _read(path)
    unknown = sorted(set(own) - set(shipped) - {"categories_only"})
    if unknown:
        named = ", ".join(f"{key!r} (nearest: {nearest(key, list(shipped)) or '-'})" for key in unknown)
        raise RulesError(f"{path}: unknown keys {named}")
    if own.pop("categories_only", False):
        shipped["categories"] = {}
    try:
        merged = {key: {**shipped[key], **own.pop(key)} if key in _MERGED else own.pop(key) for key in list(own)}
        return handling_from({**shipped, **merged})
    except (RulesError, TypeError, ValueError, AttributeError) as error:
        raise RulesError(f"{path}: {error}") from error


@cache
def _shipped() -> Handling:
    return handling_from(tomllib.loads(SHIPPED.read_text("utf-8")))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: is no TOML: {error}") from error


def handling_from(table: Mapping[str, Any]) -> Handling:
    """
    Make it from a table as read from TOML.

    Parameters
    ----------
    table
        All keys of ``handling.toml``.

    Raises
    ------
    RulesError
        If anything in it is wrong; all faults at once.
    """
    faults: list[str] = []

    def tried(what: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (RulesError, ValueError, KeyError, TypeError, AttributeError) as error:
            faults.append(f"{what}: {error}")
            return None

    def each(name: str, make: Callable[[str, Any], Any]) -> dict[str, Any]:
        made = {code: tried(f"{name}.{code}", partial(make, code, row)) for code, row in table[name].items()}
        return {code: value for code, value in made.items() if value is not None}

    calendar = tried("calendar", lambda: _calendar(table)) or Calendar()
    categories, levels = Categories(each("categories", _category)), each("levels", _level)
    workflows, roles = each("workflows", _workflow), each("roles", lambda _, row: _label(row))
    escalate = tried("escalate_after", lambda: Allowance.of(table["escalate_after"]))
    within = tried("default_within", lambda: _allowance(table, "default_within"))
    soon = float(table["soon_share"])
    faults += categories.faults() + [fault for flow in workflows.values() for fault in flow.faults()]
    faults += _unknown(categories, levels, workflows, roles, table)
    if faults:
        raise RulesError("; ".join(faults))
    default_level, default_flow = table["default_level"], table["default_workflow"]
    return Handling(calendar, categories, levels, workflows, roles, default_level, default_flow, within, soon, escalate)


def _unknown(
    categories: Categories,
    levels: Mapping[str, Level],
    workflows: Mapping[str, Workflow],
    roles: Mapping[str, Label],
    table: Mapping[str, Any],
) -> list[str]:
    """Return what names a level, workflow or role that does not exist."""
    asked = [
        ("default_level", table["default_level"], levels),
        ("default_workflow", table["default_workflow"], workflows),
    ]
    for category in categories.by_code.values():
        asked += [(f"category {category.code}", category.level, levels)]
        asked += [(f"category {category.code}", category.workflow, workflows)]
    for flow in workflows.values():
        asked += [(f"workflow {flow.code}", role, roles) for step in flow.transitions for role in step.roles]
    found = (
        f"{what}: no {name!r}; there are {', '.join(known)}" for what, name, known in asked if name not in {"", *known}
    )
    return list(dict.fromkeys(found))


def _calendar(table: Mapping[str, Any]) -> Calendar:
    try:
        ZoneInfo(table["timezone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RulesError(f"timezone: expected a name such as Asia/Shanghai; found {table['timezone']!r}") from error
    hours = tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in table["working_hours"])
    edges = [edge for span in hours for edge in span]
    if not edges or edges != sorted(set(edges)):
        raise RulesError(f"working_hours: expected rising pairs of begin and end; found {table['working_hours']}")
    weekdays = frozenset(table["working_weekdays"])
    if not weekdays or not weekdays <= set(range(1, 8)):
        raise RulesError(f"working_weekdays: expected some of 1 (Monday) to 7; found {sorted(weekdays)}")
    holidays = table["holidays"]
    return Calendar(table["timezone"], hours, weekdays, _days(holidays["off"]), _days(holidays["on"]))


def _days(texts: Iterable[str]) -> frozenset[date]:
    """Return days from texts of one, or of a first and a last with two dots between."""
    found: set[date] = set()
    for text in texts:
        first, _, last = text.partition("..")
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found |= {begin + timedelta(days=passed) for passed in range((end - begin).days + 1)}
    return frozenset(found)


def _label(row: Mapping[str, Any]) -> Label:
    return Label(row["zh"], row["en"])


def _allowance(row: Mapping[str, Any], key: str) -> Allowance | None:
    return Allowance.of(row[key]) if row.get(key) else None


def _category(code: str, row: Mapping[str, Any]) -> Category:
    names, within = tuple(row.get("names", ())), _allowance(row, "within")
    return Category(
        code, _label(row), row.get("under", ""), names, within, row.get("level", ""), row.get("workflow", "")
    )


def _level(code: str, row: Mapping[str, Any]) -> Level:
    return Level(code, _label(row), _allowance(row, "within"))


def _workflow(code: str, row: Mapping[str, Any]) -> Workflow:
    states = {each["code"]: StateOf(each["code"], _label(each), each.get("closed", False)) for each in row["states"]}
    steps = tuple(
        Transition(each["action"], _label(each), frozenset(each["from"]), each["to"], tuple(each["roles"]))
        for each in row["transitions"]
    )
    return Workflow(code, _label(row), row["start"], row["done"], states, steps)
