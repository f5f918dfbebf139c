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


@dataclass(frozen=True)
class Finding:
    """
    One sentence of the verdict, and whether gridplan falls short in it.

    Parameters
    ----------
    about
        ``peer`` (a peer's better columns), the method with weights for one thing alone, or ``split``.
    text
        The sentence.
    short
        Whether gridplan misses what is asked of it.
    """

    about: str
    text: str
    short: bool


def rivals(rows: Sequence[Row]) -> list[Row]:
    """Return the peers that keep band and contiguity at least as often as we do, wherever arithmetic lets them."""
    ours = _row(rows, DEFAULT)
    if ours is None:
        return []
    peers = [row for row in rows if not row.method.startswith(OURS) and not row.failure and not row.failures]
    return [row for row in peers if row.measures["broken"] <= ours.measures["broken"]]


def verdict(rows: Sequence[Row]) -> list[Finding]:
    """
    Judge the rows of one instance; nothing where gridplan has no row or no peer keeps the rules as often.

    Parameters
    ----------
    rows
        All rows of one instance.
    """
    ours, peers = _row(rows, DEFAULT), rivals(rows)
    if ours is None or not peers:
        return []
    found = [_against(peer, ours) for peer in peers]
    for name, (column, what) in ALONE.items():
        alone = _row(rows, name)
        if alone is not None:
            found.append(_alone(alone, peers, column, what))
    return [*found, _split(ours, peers)]


def _row(rows: Sequence[Row], method: str) -> Row | None:
    return next((row for row in rows if row.method == method and not row.failure), None)


def _against(peer: Row, ours: Row) -> Finding:
    better = [what for what, name in JUDGED.items() if peer.measures[name] < ours.measures[name]]
    fast = peer.cpu_s < ours.cpu_s / FASTER
    short = len(better) >= 3 or (len(better) == 2 and fast)
    text = f"{peer.method} is better in {', '.join(better) if better else 'none of the four columns'}"
    return Finding("peer", f"{text}{', in less than a tenth of the time' if short and fast else ''}.", short)


def _alone(ours: Row, peers: Sequence[Row], column: str, what: str) -> Finding:
    best = min(peers, key=lambda row: float(row.measures[column]))
    mine, theirs = float(ours.measures[column]), float(best.measures[column])
    text = f"Weights for {what} alone: {mine:.4g} in {ours.measures['grids']} grids against {theirs:.4g} in "
    return Finding(ours.method, f"{text}{best.measures['grids']} of {best.method}.", mine > theirs)


def _split(ours: Row, peers: Sequence[Row]) -> Finding:
    best = min(peers, key=lambda row: int(row.measures["compounds_split"]))
    mine, theirs = int(ours.measures["compounds_split"]), int(best.measures["compounds_split"])
    text = f"Compounds split: {mine} of {ours.measures['compounds']} against {theirs} of {best.method}."
    return Finding("split", text, mine > theirs / FEWER)
