"""Workflows as data: states, who may take a matter from one to another, and in which of them it counts as closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Who has a matter to do, from the lowest; it goes up when it is late or out of someone's powers.
HOLDERS = ("grid", "community", "street", "district")


@dataclass(frozen=True)
class Label:
    """A name in Chinese and English."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """Return the name in a language, ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class StateOf:
    """
    A state of a workflow.

    Parameters
    ----------
    code, label
        Its name.
    closed
        Whether a matter in it counts as closed.
    """

    code: str
    label: Label
    closed: bool = False


@dataclass(frozen=True)
class Transition:
    """
    A step that may be taken.

    Parameters
    ----------
    action, label
        Its name.
    sources
        States in which it may be taken.
    target
        State afterwards.
    roles
        Roles that may take it; the first takes it where none is named.
    """

    action: str
    label: Label
    sources: frozenset[str]
    target: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Workflow:
    """
    A workflow.

    Parameters
    ----------
    code, label
        Its name.
    start
        First state.
    done
        State of a matter that was closed elsewhere and is imported so.
    states
        By code.
    transitions
        In the order in which they are offered.
    """

    code: str
    label: Label
    start: str
    done: str
    states: Mapping[str, StateOf]
    transitions: tuple[Transition, ...]

    def legal(self, state: str) -> tuple[Transition, ...]:
        """Return the steps that may be taken in a state."""
        return tuple(each for each in self.transitions if state in each.sources)

    def closed(self, state: str) -> bool:
        """Tell whether a matter in a state counts as closed."""
        return self.states[state].closed

    def faults(self) -> list[str]:
        """Return what is wrong: states that do not exist, or from which nothing leads to a closed one."""
        known = set(self.states)
        named = {self.start, self.done, *(each.target for each in self.transitions)}
        named |= {source for each in self.transitions for source in each.sources}
        found = [f"workflow {self.code}: no state {name!r}" for name in sorted(named - known)]
        if self.done in known and not self.closed(self.done):
            found.append(f"workflow {self.code}: its done state {self.done!r} is not closed")
        stuck = sorted(known - self._ending())
        return found + [f"workflow {self.code}: nothing leads from {name!r} to a closed state" for name in stuck]

    def _ending(self) -> set[str]:
        """Return the states from which a closed one can be reached."""
        ending = {code for code, state in self.states.items() if state.closed}
        while more := {s for each in self.transitions if each.target in ending for s in each.sources} - ending:
            ending |= more
        return ending
