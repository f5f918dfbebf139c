"""
Day 3, one net from many (notebook).

Policing, city management, fire and party departments each bring a layer of grids that overlap, leave gaps and cross
communities. Unite them into one; see what each department's old unit became, household by household.
"""

from __future__ import annotations

from pathlib import Path

import gridplan


def test_day_3(office: Path, tmp_path: Path, papers: Path) -> None:
    brought = gridplan.example("departments", tmp_path, households=11_250)
    layers = {
        "公安": f"{brought}:police",
        "城管": f"{brought}:city_management",
        "消防": f"{brought}:fire",
        "党建": f"{brought}:party",
    }
    united = gridplan.unite(office, layers, effort="quick")

    # What is wrong with each layer is said before anything is made of it.
    assert {each.department for each in united.reconciliations} == set(layers)

    # One net: every household in one grid of its own community, nearly all grids in the band.
    plan = united.plan
    assert plan.grids["grid_code"].is_unique
    assert plan.report["measures"]["in_band"] >= 0.95
    for code, community in zip(plan.grids["grid_code"], plan.grids["community_code"], strict=True):
        assert code.startswith(community)

    # What each department's old grid became adds up to all households, department by department and grid by grid.
    everyone = plan.grids["households"].sum()
    table = united.lineage
    assert table.groupby("department")["households"].sum().to_dict() == dict.fromkeys(layers, everyone)
    by_grid = table[table["department"] == "公安"].groupby("new_code")["households"].sum()
    assert by_grid.to_dict() == plan.grids.set_index("grid_code")["households"][by_grid.index].to_dict()
    table.to_csv(papers / "what-became-of-them.csv", index=False, encoding="utf-8-sig")
    (papers / "map.html").write_text(plan._repr_html_() or "", encoding="utf-8")
