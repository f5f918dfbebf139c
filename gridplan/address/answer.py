"""What a matcher of addresses answers: the row, how sure that is, at which level, and what else it could be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

#: How much of the address the table confirms, from the smallest place to the largest. ``poi`` is a named place
#: (a school, an office); a house of a village group is a ``door``; ``none`` is no place at all.
Level = Literal["room", "unit", "building", "door", "poi", "compound", "road", "community", "none"]
LEVELS: tuple[Level, ...] = ("room", "unit", "building", "door", "poi", "compound", "road", "community", "none")

#: What became of a query: one row is meant; several rows fit; a larger place is known but not the row; nothing fits.
Status = Literal["matched", "ambiguous", "partial", "none"]

#: The part of an address that a clerk should ask for next, "" where no part would help.
Field = Literal["district", "street", "community", "road", "door", "compound", "phase", "building", "unit", ""]


@dataclass(frozen=True)
class Span:
    """
    A piece of the query and what it was taken for.

    Parameters
    ----------
    kind
        ``district``, ``street``, ``community``, ``road``, ``door``, ``compound``, ``building``, ``unit``, ``room``, ...
    text
        The piece as the query has it.
    start, end
        Its place in the query, half open, counted in characters of the original text.
    meaning
        What the table calls it.
    how
        ``exact``, ``alias``, ``old name``, ``sound``, ``typo``, ``stem``, ``phase``, ``range``, ...
    """

    kind: str
    text: str
    start: int
    end: int
    meaning: str
    how: str = "exact"


@dataclass(frozen=True)
class Candidate:
    """
    A row of the table that the query may mean.

    Parameters
    ----------
    address_id
        Id of the row.
    address
        Its standard address.
    grid_code
        Its grid, or None where the table does not know it.
    level
        Level of the row.
    score
        Evidence for it, 0 to 1; compares candidates of one query and is no probability.
    """

    address_id: str
    address: str
    grid_code: str | None
    level: Level
    score: float = 0.0


@dataclass(frozen=True)
class Match:
    """
    The answer to one query.

    Parameters
    ----------
    query
        The text asked for.
    address_id
        The best guess, also when it is not accepted; None where nothing in the table fits at all.
    confidence
        Calibrated probability, 0 to 1, that the query means this one row and no other.
    accepted
        Whether a program may act on ``address_id`` without asking: the confidence reaches the threshold and no
        hard rule forbids it.
    status
        ``matched``, ``ambiguous``, ``partial`` or ``none``.
    level
        How much the table confirms. ``compound`` where the building is not in the table.
    normalized
        The standard address of what was matched, or "".
    grid_code
        The grid, where one is known: that of the accepted row, or the one in which all candidates lie.
    grid_certain
        Whether the grid can be relied upon, even where the row cannot.
    candidates
        Rows that fit, best first, ``address_id`` among them.
    split_by
        The part of the address that would decide between the candidates.
    evidence
        The pieces of the query that were understood, in the order of the query.
    notes
        What a clerk should know, in Chinese and English (an old name, a part that contradicts, a building that the
        table lacks, all candidates in one grid).
    lon, lat
        Coordinates of the row in WGS 84, degrees, or None.
    """

    query: str
    address_id: str | None = None
    confidence: float = 0.0
    accepted: bool = False
    status: Status = "none"
    level: Level = "none"
    normalized: str = ""
    grid_code: str | None = None
    grid_certain: bool = False
    candidates: tuple[Candidate, ...] = ()
    split_by: Field = ""
    evidence: tuple[Span, ...] = ()
    notes: tuple[str, ...] = field(default=())
    lon: float | None = None
    lat: float | None = None

    @property
    def grids(self) -> tuple[str, ...]:
        """The grids of all candidates, each once, in the order of the candidates."""
        known = (each.grid_code for each in self.candidates)
        return tuple(dict.fromkeys(code for code in known if code is not None))

    @property
    def question(self) -> tuple[str, str]:
        """The question that decides between the candidates, in Chinese and English; "" where none would."""
        from gridplan.address.question import question_of

        zh, en = (question_of(self.split_by, self.candidates, lang) for lang in ("zh", "en"))
        return zh, en

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        from dataclasses import asdict

        zh, en = self.question
        return {**asdict(self), "grids": list(self.grids), "question": zh, "question_en": en}


@runtime_checkable
class Matcher(Protocol):
    """A grammar of addresses over one table: what :class:`gridplan.Locator` asks."""

    @property
    def threshold(self) -> float:
        """Confidence from which an answer may be accepted."""

    def match(self, text: str) -> Match:
        """Answer one query; never raises for what the text holds."""

    def match_many(self, texts: Iterable[str]) -> Sequence[Match]:
        """Answer many queries, in their order."""
