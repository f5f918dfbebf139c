"""The tree of categories: what a matter is about, by any name that sources use for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gridplan.incidents.allowance import Allowance
from gridplan.incidents.workflows import Label


@dataclass(frozen=True)
class Category:
    """
    A category.

    Parameters
    ----------
    code, label
        Its name.
    under
        Code of the category above it, "" for none.
    names
        What else sources call it.
    within, level, workflow
        Deadline, level and workflow; None or "" takes those of the category above.
    """

    code: str
    label: Label
    under: str = ""
    names: tuple[str, ...] = ()
    within: Allowance | None = None
    level: str = ""
    workflow: str = ""


@dataclass(frozen=True)
class Categories:
    """
    All categories.

    Parameters
    ----------
    by_code
        The categories.
    """

    by_code: Mapping[str, Category] = field(default_factory=dict)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def code_of(self, said: str) -> str:
        """Return the code of a category by its code or any of its names; "" where there is none."""
        return self._names.get(_plain(said), "")

    def path(self, code: str) -> tuple[Category, ...]:
        """Return a category and those above it, itself first; nothing for an unknown code."""
        found: list[Category] = []
        while code in self.by_code and self.by_code[code] not in found:
            found.append(self.by_code[code])
            code = found[-1].under
        return tuple(found)

    def within(self, code: str) -> Allowance | None:
        """Return the deadline of a category: its own, or of the nearest above."""
        return next((each.within for each in self.path(code) if each.within is not None), None)

    def level(self, code: str, default: str) -> str:
        """Return the level of a category: its own, or of the nearest above, or the default."""
        return next((each.level for each in self.path(code) if each.level), default)

    def workflow(self, code: str, default: str) -> str:
        """Return the workflow of a category: its own, or of the nearest above, or the default."""
        return next((each.workflow for each in self.path(code) if each.workflow), default)

    def faults(self) -> list[str]:
        """Return what is wrong: an upper category that does not exist, a ring, a name given twice."""
        lost = [c.code for c in self.by_code.values() if c.under and c.under not in self.by_code]
        rings = [c.code for c in self.by_code.values() if c.code not in lost and self.path(c.code)[-1].under]
        rings = [code for code in rings if self.path(code)[-1].under in self.by_code]
        twice = [f"categories: {name!r} names several" for name in sorted(self._several)]
        return [
            *(f"category {code}: no category {self.by_code[code].under!r} above it" for code in lost),
            *(f"category {code}: it stands under itself" for code in rings),
            *twice,
        ]

    @cached_property
    def _several(self) -> set[str]:
        seen: dict[str, str] = {}
        return {name for name, code in self._pairs() if seen.setdefault(name, code) != code}

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self._pairs())

    def _pairs(self) -> list[tuple[str, str]]:
        return [
            (_plain(name), each.code)
            for each in self.by_code.values()
            for name in (each.code, each.label.zh, each.label.en, *each.names)
            if name
        ]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
