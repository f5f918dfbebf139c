"""
Day 3, one net from many (notebook).

Policing, city management, fire and party departments each bring a layer of grids that overlap, leave gaps and cross
communities. Unite them into one; see what each department's old unit became, household by household.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

import gridplan

from .notebook import run_cells

UNITE = """
import json
import gridplan
brought = gridplan.example("departments", households=11_250)
layers = {
    "公安": f"{brought}:police",
    "城管": f"{brought}:city_management",
    "消防": f"{brought}:fire",
    "党建": f"{brought}:party",
}
united = gridplan.unite(OFFICE, layers, effort="quick")
print(json.dumps([each.to_dict() for each in united.reconciliations], ensure_ascii=False))
"""
SEE = """
plan = united.plan
plan.write("plan.gpkg")
plan
"""
BECAME = """
united.lineage.to_csv("来龙去脉.csv", index=False, encoding="utf-8-sig")
united.lineage
"""


def test_day_3(office: Path, tmp_path: Path, papers: Path) -> None:
    shown = run_cells([f"OFFICE = {str(office)!r}", UNITE, SEE, BECAME], tmp_path)

    # What is wrong with each layer is said before anything is made of it.
    departments = {"公安", "城管", "消防", "党建"}
    assert {each["department"] for each in json.loads(shown[1])} == departments

    # One net: every household in one grid of its own community, nearly all grids in the band.
    plan = gridplan.read_plan(tmp_path / "plan.gpkg")
    assert plan.grids["grid_code"].is_unique
    assert plan.report["measures"]["in_band"] >= 0.95
    for code, community in zip(plan.grids["grid_code"], plan.grids["community_code"], strict=True):
        assert code.startswith(community)
    assert "<iframe" in shown[2]

    # What each department's old grid became adds up to all households, department by department and grid by grid.
    everyone = plan.grids["households"].sum()
    table = pd.read_csv(tmp_path / "来龙去脉.csv", dtype={"old_code": str, "new_code": str})
    assert table.groupby("department")["households"].sum().to_dict() == dict.fromkeys(departments, everyone)
    by_grid = table[table["department"] == "公安"].groupby("new_code")["households"].sum()
    assert by_grid.to_dict() == plan.grids.set_index("grid_code")["households"][by_grid.index].to_dict()
    (tmp_path / "来龙去脉.csv").rename(papers / "来龙去脉.csv")
    (papers / "map.html").write_text(shown[2], encoding="utf-8")
