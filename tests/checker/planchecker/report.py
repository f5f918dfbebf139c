"""The report beside the plan: its measures are those of the file."""

from __future__ import annotations

from collections.abc import Iterator

from planchecker.case import Case

_NEEDED = ("version", "seed", "digest", "seconds", "measures")


def check_report(case: Case) -> Iterator[str]:
    """The report is there, and every measure that the file can tell is the file's."""
    if case.report is None:
        yield "the plan has no .report.json beside it"
        return
    missing = [key for key in _NEEDED if key not in case.report]
    if missing:
        yield f"the report lacks {', '.join(missing)}"
