"""A drawn district with streets that have names, and the dossier of its plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from drawn import A, B, box, district, houses, line, plan

from gridplan.district import District
from gridplan.exports import Dossier

HOSTILE = '=HYPERLINK("http://evil","x")'


@pytest.fixture(scope="session")
def drawn() -> District:
    """
    Two communities of 400 m by 200 m side by side, eight houses of 100 households each, a grid of today in each half::

        ----------- 北大街 -----------      y = 200
        | A: 2 grids |B: 2 grids   |
        ~~~~~~~~~~~ 南河 ~~~~~~~~~~~~      y = 0, and a railway without a name at x = 800
    """
    shapes = houses(8, 2)
    barriers = [
        ("secondary", line((-50, 200), (850, 200))),
        ("river", line((-50, 0), (850, 0))),
        ("railway", line((800, -50), (800, 250))),
    ]
    today = [{"grid_code": f"{A}001", "name": HOSTILE, "geometry": box(0, 0, 150, 200)}]
    grounds = {A: box(0, 0, 400, 200), B: box(400, 0, 800, 200)}
    ids = ["+1", *(f"b{n}" for n in range(1, 15)), "-15"]
    made = district(shapes, 100, grounds, barriers=barriers, grids=today, building_id=ids)
    assert made.barriers is not None
    names = made.barriers["kind"].map({"secondary": "北大街", "river": "南河"})
    named = made.communities.assign(name=["东风社区", "@向阳社区"])
    return replace(made, barriers=made.barriers.assign(name=names.astype(object)), communities=named)


@pytest.fixture(scope="session")
def dossier(drawn: District) -> Dossier:
    return Dossier(plan(drawn), "drawn", date(2026, 11, 22), valid_from=date(2026, 12, 1), district=drawn)
