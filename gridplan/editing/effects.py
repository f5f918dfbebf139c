"""What an edit did, at a glance: grids before and after, rules broken and mended, boundary, households moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gridplan.reasons import reason_text
from gridplan.views import view

FIGURES = ("households", "persons", "work_min")
LANGUAGES = ("zh", "en")
_WORDS = {
    "moved": ("改划户数", "households moved"),
    "boundary": ("网格界线", "boundary"),
    "barriers": ("沿道路水系", "on barriers"),
    "gained": ("新增违规", "violations gained"),
    "lost": ("消除违规", "violations lost"),
    "gone": ("撤销", "gone"),
    "new": ("新增", "new"),
    "households": ("户", "households"),
    "persons": ("人", "persons"),
    "work_min": ("分钟", "min"),
}


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
        place = LANGUAGES.index(lang)
        words = {key: pair[place] for key, pair in _WORDS.items()}
        out = [f"{row['grid_code']} {row['name']}: {_figures(row, words)}" for row in self.grids]
        before, after = self.on_barriers
        out.append(
            f"{words['moved']} {self.households_moved}; {words['boundary']} {self.boundary_m[0]:.0f} → "
            f"{self.boundary_m[1]:.0f} m, {words['barriers']} {_share(before)} → {_share(after)}"
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


def _figures(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    before, after = row["before"], row["after"]
    if before is None or after is None:
        known = before or after
        return (
            f"{words['gone' if after is None else 'new']} ({', '.join(_one(known, name, words) for name in FIGURES)})"
        )
    return ", ".join(
        f"{before[name]} → {_one(after, name, words)}" if before[name] != after[name] else _one(after, name, words)
        for name in FIGURES
        if before[name] is not None or after[name] is not None
    )


def _one(figures: Mapping[str, Any], name: str, words: Mapping[str, str]) -> str:
    return f"{'–' if figures[name] is None else figures[name]} {words[name]}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _violation(row: Mapping[str, Any], lang: str) -> str:
    subject = f" {row['subject']}" if row.get("subject") else ""
    words = reason_text(row["rule"], row["reason"], lang)
    return f"{row['grid_code']}{subject} {words} ({row['value']} / {row['limit']})"
