"""
Addresses by street and number: the nouns that the Taiwanese and the Western grammar share.

Both say where a house is by a street, perhaps a lane of it, and a number; they differ in how that is written. A grammar
turns text into :class:`Place`; index, search and confidence know nothing of scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

#: Characters read of one text, and numbers in it that are looked up: an address has no more, and time is bounded.
LONGEST, MOST_READINGS = 240, 8


@dataclass(frozen=True, slots=True)
class Number:
    """
    A house number, or the numbers from one to another on one side of a street.

    Parameters
    ----------
    low, high
        First and last number; equal for a single house.
    tail
        What follows the number and makes another house of it: ``2`` of 10之2, ``A`` of 12A; "" for none.
    """

    low: int
    high: int
    tail: str = ""

    @property
    def is_range(self) -> bool:
        """Whether it stands for several numbers."""
        return self.high > self.low

    def holds(self, other: Number) -> bool:
        """
        Tell whether a single plain number is one of the range, on its side of the street.

        A range whose ends are both odd or both even is one side of a street.

        Parameters
        ----------
        other
            A single number.
        """
        if not self.is_range or other.is_range or other.tail:
            return False
        one_side = self.low % 2 == self.high % 2
        return self.low <= other.low <= self.high and (not one_side or other.low % 2 == self.low % 2)


#: Road, section, lane, alley, sub-alley: what a number counts along. All but the road may be "".
WayKey = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A piece of a text and what it was taken for.

    Parameters
    ----------
    kind
        As of :class:`gridplan.address.answer.Span`.
    start, end
        Its place in the original text, half open.
    meaning
        The piece in the grammar's own form.
    """

    kind: str
    start: int
    end: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Place:
    """
    An address taken apart.

    Parameters
    ----------
    way
        Road, section, lane, alley and sub-alley in the grammar's own form.
    numbers
        The numbers named, of which any may be meant; empty where only the road is named.
    unit
        Floor, flat or room in the grammar's own form, or "".
    areas
        Names of areas in the grammar's own form by their kind (``city``, ``district``, ``village``, ...).
    rest
        How many signs of the text say something else: a second number, say.
    pieces
        What was understood, in the order of the text.
    """

    way: WayKey
    numbers: tuple[Number, ...] = ()
    unit: str = ""
    areas: dict[str, str] = field(default_factory=dict)
    rest: int = 0
    pieces: tuple[Piece, ...] = ()


class Roads(Protocol):
    """The roads that a table knows."""

    def __contains__(self, road: object) -> bool:
        """Tell whether the table has a road of this name."""

    def knows_area(self, kind: str, name: str) -> bool:
        """Tell whether an address of the table lies in an area of this name."""


class Grammar(Protocol):
    """How addresses of one kind are written."""

    @property
    def name(self) -> str:
        """Name of the grammar: ``taiwan`` or ``western``."""

    @property
    def tail_is_unit(self) -> bool:
        """Whether numbers that differ in their tails alone, or lie in one range, are doors of one house."""

    def row(self, address: str) -> Place | None:
        """Take a standard address of the table apart; None where it is none of this kind."""

    def readings(self, text: str, roads: Roads) -> Iterator[Place]:
        """Yield the ways to read a query, the likeliest first; the roads may be ones that the table lacks."""

    def stem(self, road: str) -> str:
        """Return the name of a road without the word for its kind."""
