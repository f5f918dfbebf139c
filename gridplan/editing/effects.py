"""What an edit did, at a glance: grids before and after, rules broken and mended, boundary, households moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gridplan.reasons import reason_text
from gridplan.views import view
from gridplan.words import group, grouped, word

FIGURES = ("households", "persons", "work_min")
_UNITS = {"households": "unit.households", "persons": "unit.persons", "work_min": "unit.minutes"}


@dataclass(frozen=True)
class Effects:
    """
    What one edit changed.

    Parameters
    ----------
    grids
        One entry for each grid touched, by code: ``{"grid_code", "name", "before", "after"}``; before and after hold
        ``households, persons, work_min`` (minutes per month) or are None where there was, or is, no such grid.
    gained, lost
        Rows of ``violations`` that came and went, as mappings.
    boundary_m
        Boundary between grids inside the communities touched, before and after, metres.
    on_barriers
        The share of it near barriers, before and after, 0..1; None where there is no boundary.
    households_moved
        Households whose grid code is another than before.
    """

    grids: tuple[Mapping[str, Any], ...] = ()
    gained: tuple[Mapping[str, Any], ...] = ()
    lost: tuple[Mapping[str, Any], ...] = ()
    boundary_m: tuple[float, float] = (0.0, 0.0)
    on_barriers: tuple[float | None, float | None] = (None, None)
    households_moved: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the effects as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Effects:
        """
        Return the effects that `to_dict` wrote.

        Parameters
        ----------
        values
            As `to_dict` returns, also after JSON has made lists of tuples.
        """
        known = {name: _as_tuple(value) for name, value in values.items()}
        return cls(**known)

    def lines(self, lang: str = "zh") -> list[str]:
        """
        Return what changed in a few lines.

        Parameters
        ----------
        lang
            ``zh`` or ``en``.
        """
        words = group("measure", lang)
        out = [f"{row['grid_code']} {row['name']}: {_figures(row, lang)}" for row in self.grids]
        before, after = self.on_barriers
        out.append(
            f"{words['moved']} {grouped(self.households_moved)}; {words['boundary']} {grouped(self.boundary_m[0])} → "
            f"{grouped(self.boundary_m[1])} {word('unit.m', lang)}, {words['on_barriers']} {_share(before)} → "
            f"{_share(after)}"
        )
        for name, rows in (("gained", self.gained), ("lost", self.lost)):
            out += [f"{words[name]}: {_violation(row, lang)}" for row in rows]
        return out

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str | None:
        return view("effects", self)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _figures(row: Mapping[str, Any], lang: str) -> str:
    before, after = row["before"], row["after"]
    if before is None or after is None:
        known = before or after
        change = word("change.retired" if after is None else "change.new", lang)
        return f"{change} ({', '.join(_one(known, name, lang) for name in FIGURES)})"
    return ", ".join(
        f"{before[name]} → {_one(after, name, lang)}" if before[name] != after[name] else _one(after, name, lang)
        for name in FIGURES
        if before[name] is not None or after[name] is not None
    )


def _one(figures: Mapping[str, Any], name: str, lang: str) -> str:
    return f"{'–' if figures[name] is None else figures[name]} {word(_UNITS[name], lang)}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _violation(row: Mapping[str, Any], lang: str) -> str:
    subject = f" {row['subject']}" if row.get("subject") else ""
    words = reason_text(row["rule"], row["reason"], lang)
    return f"{row['grid_code']}{subject} {words} ({row['value']} / {row['limit']})"
