"""One fault of the input, as a planner reads it: where it is, what was expected and found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

FIRST_ROWS = 5
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Fault:
    """
    One kind of fault in one column of one layer, with all the rows that have it.

    Parameters
    ----------
    code
        Stable name in kebab case, e.g. ``null-households``; what ``--accept`` takes.
    layer
        Layer of the contract (``buildings``), or "" for the whole source.
    column
        Column of the contract, or "".
    expected, found, todo
        What the column should hold, what it holds, and what a planner can do about it.
    rows
        Ids of the first rows concerned, at most five.
    count
        Number of rows concerned; 0 where the fault concerns no row (a missing column).
    severity
        ``error`` refuses the run, ``warning`` is a repair or a risk that the report counts,
        ``note`` is a decision taken for the planner, such as the encoding of a file.
    acceptable
        Whether ``--accept CODE`` lets the run go on.
    file
        Path of the file concerned, as the planner wrote it, or "".
    """

    code: str
    layer: str
    column: str
    expected: str
    found: str
    todo: str
    rows: tuple[str, ...] = field(default=())
    count: int = 0
    severity: Severity = "error"
    acceptable: bool = False
    file: str = ""

    def __str__(self) -> str:
        place = ".".join(part for part in (self.layer, self.column) if part) or "source"
        if self.file:
            place = f"{place} ({self.file})"
        rows = ""
        if self.count:
            more = ", …" if self.count > len(self.rows) else ""
            rows = f" [{self.count} rows: {', '.join(self.rows)}{more}]"
        accept = f" Or go on with --accept {self.code}." if self.acceptable and self.severity == "error" else ""
        text = f"{self.severity}: {place}: expected {self.expected}; found {self.found}{rows}."
        return f"{text} {self.todo}{accept}".rstrip()

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as plain JSON values."""
        return {**asdict(self), "rows": list(self.rows)}


def first_rows(ids: Iterable[object]) -> tuple[str, ...]:
    """
    Return the first five ids as text, in the order given.

    Parameters
    ----------
    ids
        Row ids.
    """
    rows: list[str] = []
    for value in ids:
        if len(rows) == FIRST_ROWS:
            break
        rows.append(str(value))
    return tuple(rows)


def errors_of(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults that refuse a run."""
    return tuple(fault for fault in faults if fault.severity == "error")
