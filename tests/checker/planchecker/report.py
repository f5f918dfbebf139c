"""The report beside the plan: its measures are those of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import shapely

from planchecker.case import Case
from planchecker.sides import lines_of

_NEEDED = ("version", "seed", "digest", "labels_digest", "seconds", "measures", "notices")
_TOLERANCE = 1e-4
_SHARE_TOLERANCE = 0.01
_ALONG_M = 5.0
_EDGE_M = 0.01


def check_report(case: Case) -> Iterator[str]:
    """The report is there, and every measure that the file can tell is the file's."""
    if case.report is None:
        yield "the plan has no .report.json beside it"
        return
    missing = [key for key in _NEEDED if key not in case.report]
    if missing:
        yield f"the report lacks {', '.join(missing)}"
        return
    stated = pd.json_normalize(case.report["measures"]).iloc[0].to_dict() if case.report["measures"] else {}
    for name, true in {**_counts(case), **_spreads(case)}.items():
        if not _equal(stated.get(name), true, _TOLERANCE):
            yield f"the report's {name} is {stated.get(name)}, expected {true}"
    share = _on_barriers(case)
    if not _equal(stated.get("boundary_on_barriers"), share, _SHARE_TOLERANCE):
        yield f"the report's boundary_on_barriers is {stated.get('boundary_on_barriers')}, expected {share}"


def _equal(stated: Any, true: float | None, tolerance: float) -> bool:
    # A mean of nothing (a district of villages has no basic grid) is no number, and null in JSON.
    no_truth, unstated = (value is None or value != value for value in (true, stated))
    if no_truth or unstated or true is None:
        return no_truth and unstated
    return abs(float(stated) - true) <= tolerance * max(1.0, abs(true))


def _counts(case: Case) -> dict[str, float | None]:
    basic = case.grids[case.grids["kind"] == "basic"]
    inside = basic["households"].between(case.minimum, case.maximum)
    proven = int(case.violations["proven"].astype(int).sum())
    torn = case.listed("connected")["grid_code"].nunique()
    return {
        "communities": len(case.communities),
        "buildings": case.buildings["building_id"].nunique(),
        "households": float(case.buildings["households"].sum()),
        "grids": len(case.grids),
        "in_band": inside.mean() if len(basic) else None,
        "households_in_band": _ratio(basic["households"][inside].sum(), basic["households"].sum()),
        "connected": 1 - torn / len(case.grids),
        "violations": len(case.violations),
        "violations_proven": proven,
        "violations_unproven": len(case.violations) - proven,
    }


def _spreads(case: Case) -> dict[str, float | None]:
    basic = case.grids[case.grids["kind"] == "basic"]
    measures: dict[str, float | None] = {
        "compactness.mean": case.grids["compactness"].mean(),
        "compactness.min": case.grids["compactness"].min(),
    }
    for name, values in (("households_per_grid", basic["households"]), ("work_min_per_grid", basic["work_min"])):
        measures[f"{name}.mean"] = values.mean()
        measures[f"{name}.cv"] = _ratio(values.std(ddof=0), values.mean())
        measures[f"{name}.max_to_mean"] = _ratio(values.max(), values.mean())
    return measures


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _on_barriers(case: Case) -> float | None:
    """Return the share of the borders between grids of one community that runs within 5 m of a barrier."""
    shapes, home = case.grids.geometry.to_numpy(), case.grids["community_code"].to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    within = (first < second) & (home[first] == home[second])
    edges = shapely.intersection(shapes[first[within]], shapes[second[within]])
    edges = edges[shapely.length(edges) > _EDGE_M]
    if not len(edges):
        return None
    if case.barriers is None:
        return 0.0
    lines = lines_of(case.barriers.geometry[case.barriers["kind"] != "bridge"].to_numpy())
    near = shapely.union_all(shapely.buffer(lines, _ALONG_M))
    return _ratio(shapely.length(shapely.intersection(edges, near)).sum(), shapely.length(edges).sum())
