"""The smallest districts that have an answer to see, and the folder of what draws them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Test modules are imported by file, so what they share is found here and nowhere else.
sys.path.insert(0, str(Path(__file__).parent))

from drawn import box, district, houses, line, point

from gridplan.district import District


@pytest.fixture
def nine() -> District:
    """
    One community of 300 m, nine houses of 100 households each; 300 to 300 makes three grids of three::

        b6 b7 b8
        b3 b4 b5
        b0 b1 b2
    """
    return district(houses(3, 3), 100, box(0, 0, 300, 300))


@pytest.fixture
def sixteen() -> District:
    """One community of 400 m, sixteen houses of 100 households each, b0 to b15 row by row from the south-west."""
    return district(houses(4, 4), 100, box(0, 0, 400, 400))


@pytest.fixture
def banks() -> District:
    """
    Six houses of 100 households, three on each side of a river of 20 m::

        b3 | b4 | b5      north bank
        ~~~~~~~~~~~~      190..210
        b0 | b1 | b2      south bank
    """
    shapes = houses(3, 1, south=50) + houses(3, 1, south=250)
    return district(shapes, 100, box(0, 0, 300, 400), barriers=[("river", box(-10, 190, 310, 210))])


@pytest.fixture
def bridged() -> District:
    """The two banks joined by a bridge in the middle."""
    shapes = houses(3, 1, south=50) + houses(3, 1, south=250)
    barriers = [("river", box(-10, 190, 310, 210)), ("bridge", line((150, 180), (150, 220)))]
    return district(shapes, 100, box(0, 0, 300, 400), barriers=barriers)


@pytest.fixture
def hamlet() -> District:
    """Two points of 40 households; the band of 300 is out of reach."""
    return district([point(25, 50), point(75, 50)], 40, box(0, 0, 100, 100))
