"""Where a peer still wins: every column in which a peer that keeps the rules is better than gridplan's default."""

from __future__ import annotations

from collections.abc import Sequence

from gridbench.runner import Row
from gridbench.verdict import DEFAULT, JUDGED, rivals, row_of

# Heading, field, whether higher is better, format.
COMPARED = (
    *((what, field, False, "{:.4g}") for what, field in JUDGED.items()),
    ("household CV", "household_cv", False, "{:.3f}"),
    ("Polsby-Popper mean", "pp_mean", True, "{:.3f}"),
    ("Polsby-Popper minimum", "pp_min", True, "{:.3f}"),
)


def wins(rows: Sequence[Row], names: Sequence[str]) -> str:
    """
    Return the columns that peers win, as a Markdown table, the best such peer of each; time stands in every line.

    Parameters
    ----------
    rows
        All rows.
    names
        Instances in the order of the page.
    """
    lines = [line for name in names for line in _of_instance(name, [row for row in rows if row.instance == name])]
    if not lines:
        return "None: in no column of any instance is a peer that keeps the rules better than gridplan's default."
    heads = "| instance | column | gridplan normal | best peer | its value | its time / ours |"
    return "\n".join([heads, "|---|---|---:|---|---:|---:|", *lines])


def _of_instance(name: str, rows: Sequence[Row]) -> list[str]:
    ours, peers = row_of(rows, DEFAULT), rivals(rows)
    if ours is None or not peers:
        return []
    lines = []
    for what, field, higher, form in COMPARED:
        sign = -1.0 if higher else 1.0
        best = min(peers, key=lambda row, f=field, s=sign: s * float(row.measures[f]))  # type: ignore[misc]
        mine, theirs = float(ours.measures[field]), float(best.measures[field])
        if sign * theirs < sign * mine:
            ratio = best.cpu_s / max(ours.cpu_s, 1e-9)
            lines.append(
                f"| {name} | {what} | {form.format(mine)} | {best.method} | {form.format(theirs)} | {ratio:.3g} |"
            )
    return lines
