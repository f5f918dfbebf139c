"""
Day 4, an overloaded estate (notebook, 5 minutes).

Yudu garden: 40 buildings, 108 entrances, 1,856 households, 4,860 people, four areas with one worker each, over 1,000
people a worker. How many grids should it be, cut where, and what does each worker carry then?
"""

from __future__ import annotations

import re
from pathlib import Path

import gridplan

from .notebook import run_cells

CELLS = [
    """
import gridplan
district = gridplan.read_source(gridplan.example("yudu"))
today = gridplan.revise(district, effort="quick")
today.grids[["grid_code", "households", "persons", "work_min"]]
""",
    """
plan = gridplan.make_plan(district, {"persons_maximum": 1_000})
plan
""",
    """
carried = plan.grids[["grid_code", "name", "households", "persons", "work_min"]]
today.write("today.gpkg")
plan.write("plan.gpkg")
carried
""",
    "print(len(district.buildings), len(district.entrances), len(plan.violations))",
]


def test_day_4(tmp_path: Path, papers: Path) -> None:
    shown = run_cells(CELLS, tmp_path)
    today, plan = (gridplan.read_plan(tmp_path / name).grids for name in ("today.gpkg", "plan.gpkg"))
    assert shown[3].split() == ["40", "108", "0"], "buildings, entrances, departures from the rules"
    assert (today["households"].sum(), today["persons"].sum()) == (1_856, 4_860)
    assert len(today) == 4
    assert today["persons"].min() > 1_000, "each of the four workers has more than 1,000 people"

    # Nobody may have more than 1,000: the number of grids follows.
    assert len(plan) == 5
    assert plan["persons"].max() <= 1_000
    assert plan["households"].between(300, 500).all()
    assert plan["persons"].sum() == 4_860
    assert plan["work_min"].max() < today["work_min"].max(), "the busiest worker has less to do"
    assert plan["work_min"].std() < 0.15 * plan["work_min"].mean()

    # Cut where: the map; what each worker carries: the table.
    assert "<iframe" in shown[1]
    assert not re.search(r"src=&quot;(?:https?:)?//", shown[1]), "nothing is loaded"
    assert [code for code in plan["grid_code"] if code not in shown[2]] == []
    (papers / "map.html").write_text(shown[1], encoding="utf-8")
    (papers / "workers.html").write_text(shown[2], encoding="utf-8")
