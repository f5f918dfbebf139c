"""
The rules of a plan: band, weights, work model, barriers, codes.

Every key has a default, documented here; unknown keys are refused with the nearest known one. A rules file is TOML
with these keys at its top level, the same as the ``[rules]`` table of a source.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from gridplan.errors import RulesError
from gridplan.rule_parts import ApprovalRules, Band, BarrierRules, LevelRules, ReviseRules, Weights, WorkModel

T = TypeVar("T")

__all__ = [
    "ApprovalRules",
    "Band",
    "BarrierRules",
    "LevelRules",
    "ReviseRules",
    "Rules",
    "Weights",
    "WorkModel",
    "read_rules",
    "rules_from",
]


COMMUNITIES = LevelRules(3_000, 5_000, 0, "{parent}{sequence:03d}")
MICRO = LevelRules(30, 50, 0, "{parent}{sequence:02d}")


@dataclass(frozen=True)
class Rules:
    """
    All that decides a plan beside the district itself.

    Parameters
    ----------
    minimum, target, maximum
        The band; see `Band`. A target outside a given minimum and maximum that was not itself given is their mean.
    persons_minimum, persons_maximum, work_minimum, work_maximum
        Optional further bounds of the same kind on persons and on minutes of work; None does not bind.
    rural_band
        Whether the band binds grids of rural communities too.
    divide_towers
        Whether towers above the maximum are divided by entrance where the source gives entrances.
    code
        Template of grid codes with ``{community}`` and ``{sequence}``; the default is DB11/T 2157-2023's
        15 digits (6 district + 3 street + 3 community + 3 sequence).
    n_grids
        Number of basic grids set for a community, by community_code.
    must_join, must_part
        Pairs of building ids that share a grid, or must not.
    weights, work, barriers, revise, approval
        See the classes.
    communities, micro
        The levels above and below the grids, of ``gridplan levels``.
    spacing_m
        Distance between the points on footprints' outlines from which cells are cut, metres;
        0 stands for 4 m.
    seed
        Seed of the random numbers, >= 0.
    """

    minimum: int = 300
    target: int = 400
    maximum: int = 500
    persons_minimum: int | None = None
    persons_maximum: int | None = None
    work_minimum: int | None = None
    work_maximum: int | None = None
    rural_band: bool = False
    divide_towers: bool = True
    code: str = "{community}{sequence:03d}"
    n_grids: Mapping[str, int] = field(default_factory=dict)
    must_join: tuple[tuple[str, str], ...] = ()
    must_part: tuple[tuple[str, str], ...] = ()
    weights: Weights = field(default_factory=Weights)
    work: WorkModel = field(default_factory=WorkModel)
    barriers: BarrierRules = field(default_factory=BarrierRules)
    revise: ReviseRules = field(default_factory=ReviseRules)
    approval: ApprovalRules = field(default_factory=ApprovalRules)
    communities: LevelRules = COMMUNITIES
    micro: LevelRules = MICRO
    spacing_m: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        _ = self.band
        _check_template(self.code)
        for name in ("persons", "work"):
            low, high = getattr(self, f"{name}_minimum"), getattr(self, f"{name}_maximum")
            if low is not None and high is not None and low > high:
                raise RulesError(f"{name}_minimum {low} is above {name}_maximum {high}")
        wrong = {code: count for code, count in self.n_grids.items() if count < 1}
        if wrong:
            raise RulesError(f"n_grids must be at least 1; found {wrong}")
        both = {frozenset(pair) for pair in self.must_join} & {frozenset(pair) for pair in self.must_part}
        if both:
            raise RulesError(f"pairs that must join and must part at once: {sorted(sorted(pair) for pair in both)}")
        if self.seed < 0 or self.spacing_m < 0:
            raise RulesError(f"seed and spacing_m must not be negative; found {self.seed}, {self.spacing_m}")

    @property
    def band(self) -> Band:
        """The band of households."""
        return Band(self.minimum, self.target, self.maximum)


def rules_from(table: Mapping[str, Any], *, base: Rules | None = None) -> Rules:
    """
    Make rules from a table as read from TOML.

    Parameters
    ----------
    table
        Keys of `Rules`; ``weights``, ``work`` and ``barriers`` are tables of their own.
    base
        Rules that keys not named are taken from; the defaults where None.

    Raises
    ------
    RulesError
        If a key is unknown, has the wrong type, or the rules contradict each other.

    Examples
    --------
    >>> rules_from({"minimum": 30, "maximum": 50}).band
    Band(minimum=30, target=40, maximum=50)
    """
    table = dict(table)
    start = base or Rules()
    low, high = table.get("minimum", start.minimum), table.get("maximum", start.maximum)
    if "target" not in table and all(isinstance(v, int) for v in (low, high)) and not low <= start.target <= high:
        table["target"] = (low + high) // 2
    return _fill(start, table, "rules")


def read_rules(path: Path, *, base: Rules | None = None) -> Rules:
    """
    Read rules from a TOML file.

    Parameters
    ----------
    path
        File with the keys of `Rules` at its top level, or in a table ``[rules]``.
    base
        Rules that keys not named are taken from.

    Raises
    ------
    RulesError
        If the file is absent, no TOML, or holds rules that cannot be used.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulesError(f"{path}: no readable TOML file of rules: {error}") from error
    return rules_from(table.get("rules", table), base=base)


def _fill(start: T, table: Mapping[str, Any], place: str) -> T:
    """Return a copy of a frozen dataclass with the table's values, refusing what does not fit."""
    known = {item.name: getattr(start, item.name) for item in fields(start)}  # type: ignore[arg-type]
    changes = {}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise RulesError(f"{place}: unknown key {key!r}{hint}")
        changes[key] = _converted(value, known[key], f"{place}.{key}")
    return replace(start, **changes)  # type: ignore[type-var]


def _converted(value: Any, present: Any, place: str) -> Any:
    if is_dataclass(present):
        if not isinstance(value, Mapping):
            raise RulesError(f"{place}: expected a table, found {value!r}")
        return _fill(present, value, place)
    if isinstance(present, Mapping):
        return _converted_table(value, present, place)
    if isinstance(present, tuple):
        if not isinstance(value, list | tuple):
            raise RulesError(f"{place}: expected a list, found {value!r}")
        return tuple(_pair(item, place) for item in value)
    return _scalar(value, present, place)


def _converted_table(value: Any, present: Mapping[str, Any], place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise RulesError(f"{place}: expected a table, found {value!r}")
    kind = float if place.endswith(("ranks", "special")) else int
    return {**present, **{str(k): _scalar(v, kind(), f"{place}.{k}") for k, v in value.items()}}


def _pair(item: Any, place: str) -> tuple[str, str]:
    if not isinstance(item, list | tuple) or len(item) != 2:
        raise RulesError(f"{place}: expected pairs of building ids, found {item!r}")
    return (str(item[0]), str(item[1]))


def _scalar(value: Any, present: Any, place: str) -> Any:
    expected = type(present) if present is not None else int
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise RulesError(f"{place}: expected {_NAMES[expected]}, found {value!r}")
    return value


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def _check_template(template: str) -> None:
    try:
        first, second = template.format(community="C", sequence=1), template.format(community="C", sequence=2)
    except (KeyError, IndexError, ValueError) as error:
        raise RulesError(f"code: {template!r} may hold {{community}} and {{sequence:03d}} only: {error}") from error
    if first == second or "C" not in first:
        raise RulesError(f"code: {template!r} must hold both {{community}} and {{sequence}}, or codes repeat")
