"""Small plans that have an answer to see, made once: no edit changes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Districts drawn by hand, as the tests of planning draw them.
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))
sys.path.insert(0, str(Path(__file__).parent))

from drawn import A, B, box, district, houses, line, plan

from gridplan.plan import Plan


@pytest.fixture(scope="session")
def square() -> Plan:
    """
    Sixteen houses of 100 households on squares of 100 m, four grids of four; a street between x = 200 and 200::

        b12 b13 | b14 b15      001 | 002
        b8  b9  | b10 b11      ----+----
        b4  b5  | b6  b7       003 | 004
        b0  b1  | b2  b3
    """
    return plan(
        district(
            houses(4, 4),
            100,
            box(0, 0, 400, 400),
            barriers=[("residential", line((200, -9), (200, 409))), ("residential", line((-9, 200), (409, 200)))],
            persons=[250] * 16,
        )
    )


@pytest.fixture(scope="session")
def two_communities() -> Plan:
    """Two communities side by side of eight houses each, two grids in each; A has today's grids 001 and 005."""
    today = [
        {"grid_code": A + "001", "name": "老一", "geometry": box(0, 0, 200, 200)},
        {"grid_code": A + "005", "geometry": box(200, 0, 400, 200)},
    ]
    grounds = {A: box(0, 0, 400, 200), B: box(400, 0, 800, 200)}
    return plan(
        district(houses(8, 2), 100, grounds, grids=today, barriers=[("residential", line((200, -9), (200, 209)))])
    )
