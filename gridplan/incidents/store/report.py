"""What an import says of itself: what became of every row, and what was found about the register as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from gridplan.incidents.incident import Review
from gridplan.incidents.placing import Placed
from gridplan.incidents.records import Records


@dataclass(frozen=True)
class ImportReport:
    """
    What became of the rows of a table; every row is in one of the first five.

    Parameters
    ----------
    new, changed, same
        Records that were not known, that say something else than before, and that say the same.
    repeated
        Rows of an id that stands again further down.
    rejected
        Rows (from 1) that cannot be incidents, by reason.
    rows
        All rows.
    in_grid
        Records, new and changed, that have a grid.
    review
        Records, new and changed, that a person has to look at, by reason.
    remarks
        What was odd and was kept.
    rounding
        Points by the decimals of a degree to which they are rounded.
    default_points
        ``lon, lat, records`` of points where the register puts what has no place.
    on_time
        Where the register says itself what was on time: records, and those where times and deadline say otherwise.
    """

    new: int
    changed: int
    same: int
    repeated: int
    rejected: Mapping[str, Sequence[int]]
    rows: int
    in_grid: int
    review: Mapping[str, int]
    remarks: Mapping[str, int]
    rounding: Mapping[str, int]
    default_points: Sequence[Mapping[str, float]]
    on_time: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)


def report_of(
    records: Records,
    placed: Placed,
    reviews: Mapping[str, Review],
    names: Sequence[str],
    grids: Sequence[str | None],
    new: Sequence[int],
    changed: Sequence[int],
) -> ImportReport:
    """
    Return the report of an import.

    Parameters
    ----------
    records, placed, reviews
        What was read, where it belongs, and what a person has to look at.
    names, grids
        Ids and grids of all incidents.
    new, changed
        Places of those that are written.
    """
    touched = [*new, *changed]
    reasons = Counter(reviews[names[place]].reason for place in touched if names[place] in reviews)
    return ImportReport(
        new=len(new),
        changed=len(changed),
        same=len(records.frame) - len(touched),
        repeated=records.remarks["repeated"],
        rejected=records.rejected,
        rows=records.n_rows,
        in_grid=sum(grids[place] is not None for place in touched),
        review=dict(reasons),
        remarks={name: count for name, count in records.remarks.items() if name != "repeated"},
        rounding={str(decimals): count for decimals, count in placed.rounding.items()},
        default_points=[
            {"lon": lon, "lat": lat, "records": count} for (lon, lat), count in placed.default_points.items()
        ],
        on_time=_on_time(records.frame),
    )


def _on_time(frame: pd.DataFrame) -> dict[str, int]:
    """Compare what the register says was on time with its own times, where it has all three."""
    said = frame["on_time"].notna()
    both = said & frame["due_at"].notna() & frame["closed_at"].notna()
    met = frame.loc[both, "closed_at"] <= frame.loc[both, "due_at"]
    return {
        "stated": int(said.sum()),
        "checked": int(both.sum()),
        "contradicted": int((met != (frame.loc[both, "on_time"] == 1)).sum()),
    }
