"""What the tests of sources share: where the squares lie, boxes and points on them, faults by code."""

from __future__ import annotations

import shapely

from gridplan.faults import Fault
from gridplan.sources import Report

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 2_500_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box in metres from the district's south-west corner."""
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def fault(report: Report, code: str) -> Fault:
    """Return the one fault of a code."""
    (found,) = [each for each in report.faults if each.code == code]
    return found


def codes(report: Report) -> set[str]:
    return {each.code for each in report.faults}
