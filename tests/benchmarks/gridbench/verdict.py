"""What the rows of one instance say of gridplan and of the peers that keep band and contiguity as it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gridbench.runner import Row

# Four columns, lower is better; no peer may be better in three, nor in two at less than a tenth of our time.
JUDGED = {
    "work CV": "work_cv",
    "inertia": "inertia",
    "boundary off barriers": "off_km",
    "compounds split": "compounds_split",
}
# One thing alone: the row with its weights, and the column that must then be the lowest.
ALONE = {"gridplan balance": ("work_cv", "work CV"), "gridplan compact": ("inertia", "inertia")}
OURS, DEFAULT = "gridplan", "gridplan normal"
FASTER, FEWER = 10.0, 5.0

# The rules, in the order of the page.
RULES = {
    "kept": "every grid in the band and connected wherever that can be",
    "three": "no peer is better in three of the four columns",
    "two": "no peer is better in two at less than a tenth of the time",
    "gridplan balance": "work CV the lowest, weights for balance alone",
    "gridplan compact": "inertia the lowest, weights for compactness alone",
    "split": "compounds split: at most a fifth of the best peer's",
}


@dataclass(frozen=True)
class Finding:
    """
    One sentence of the verdict, and whether gridplan falls short in it.

    Parameters
    ----------
    rule
        Key of `RULES`.
    text
        The sentence.
    short
        Whether gridplan misses what the rule asks.
    """

    rule: str
    text: str
    short: bool


def left_out(row: Row) -> int:
    """Return the grids that break band or contiguity, less those of which the method proves that they must."""
    return max(int(row.measures["broken"]) - row.proven, 0)


def rivals(rows: Sequence[Row]) -> list[Row]:
    """Return the peers that keep band and contiguity at least as often as we do, wherever arithmetic lets them."""
    ours = row_of(rows, DEFAULT)
    if ours is None:
        return []
    peers = [row for row in rows if not row.method.startswith(OURS) and not row.failure and not row.failures]
    return [row for row in peers if row.measures["broken"] <= ours.measures["broken"]]


def verdict(rows: Sequence[Row]) -> list[Finding]:
    """
    Judge the rows of one instance; nothing where gridplan's default has no row.

    Parameters
    ----------
    rows
        All rows of one instance. Rules that compare have no finding where no peer keeps band and contiguity as often.
    """
    ours, peers = row_of(rows, DEFAULT), rivals(rows)
    if ours is None:
        return []
    found = [_kept(ours)]
    if not peers:
        return found
    found += [finding for peer in peers for finding in _against(peer, ours)]
    for name, (column, what) in ALONE.items():
        alone = row_of(rows, name)
        if alone is not None:
            found.append(_alone(alone, peers, column, what))
    return [*found, _split(ours, peers)]


def row_of(rows: Sequence[Row], method: str) -> Row | None:
    """Return the row of a method, or None where it has no labels."""
    return next((row for row in rows if row.method == method and not row.failure), None)


def better_columns(peer: Row, ours: Row) -> list[str]:
    """Return the judged columns in which a peer is better."""
    return [what for what, name in JUDGED.items() if peer.measures[name] < ours.measures[name]]


def _kept(ours: Row) -> Finding:
    left = left_out(ours)
    shown = f", {ours.proven} proven unavoidable" if ours.proven else ""
    text = f"Grids that break band or contiguity where arithmetic lets them keep it: {ours.measures['broken']}{shown}."
    return Finding("kept", text, left > 0)


def _against(peer: Row, ours: Row) -> list[Finding]:
    better = better_columns(peer, ours)
    fast = peer.cpu_s < ours.cpu_s / FASTER
    text = f"{peer.method} is better in {', '.join(better) if better else 'none of the four columns'}"
    pair = len(better) == 2 and fast
    return [
        Finding("three", f"{text}.", len(better) >= 3),
        Finding("two", f"{text}, in less than a tenth of the time.", short=True)
        if pair
        else Finding("two", "", short=False),
    ]


def _alone(ours: Row, peers: Sequence[Row], column: str, what: str) -> Finding:
    best = min(peers, key=lambda row: float(row.measures[column]))
    mine, theirs = float(ours.measures[column]), float(best.measures[column])
    text = f"Weights for {what} alone: {mine:.4g} in {ours.measures['grids']} grids against {theirs:.4g} in "
    text = f"{text}{best.measures['grids']} of {best.method}"
    left = left_out(ours)
    # What is lowest by breaking the band is not the lowest.
    broken = f"; but {left} of ours break band or contiguity" if left else ""
    return Finding(ours.method, f"{text}{broken}.", mine > theirs or left > 0)


def _split(ours: Row, peers: Sequence[Row]) -> Finding:
    best = min(peers, key=lambda row: int(row.measures["compounds_split"]))
    mine, theirs = int(ours.measures["compounds_split"]), int(best.measures["compounds_split"])
    text = f"Compounds split: {mine} of {ours.measures['compounds']} against {theirs} of {best.method}."
    return Finding("split", text, mine > theirs / FEWER)
