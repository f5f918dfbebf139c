"""
Day 4, an overloaded estate (notebook, 5 minutes).

Yudu garden: 40 buildings, 108 entrances, 1,856 households, 4,860 people, four areas with one worker each, over 1,000
people a worker. How many grids should it be, cut where, and what does each worker carry then?
"""

from __future__ import annotations

from pathlib import Path

import gridplan


def test_day_4(tmp_path: Path, papers: Path) -> None:
    source = gridplan.example("yudu", tmp_path)
    district = gridplan.read_source(source)
    assert district.buildings["households"].sum() == 1_856
    assert district.buildings["persons"].sum() == 4_860

    today = gridplan.revise(district, effort="quick")
    assert len(today.grids) == 4
    assert today.grids["persons"].min() > 1_000, "each of the four workers has more than 1,000 people"

    # Nobody may have more than 1,000: the number of grids follows.
    plan = gridplan.make_plan(district, {"persons_maximum": 1_000}, effort="normal")
    assert len(plan.grids) == 5
    assert plan.grids["persons"].max() <= 1_000
    assert plan.grids["households"].between(300, 500).all()
    assert plan.grids["persons"].sum() == 4_860
    assert not len(plan.violations)

    carried = plan.grids[["grid_code", "name", "households", "persons", "work_min"]]
    assert carried["work_min"].max() < today.grids["work_min"].max(), "the busiest worker has less to do"
    assert carried["work_min"].std() < 0.15 * carried["work_min"].mean()

    page = plan._repr_html_()
    assert page
    assert "<iframe" in page
    (papers / "map.html").write_text(page, encoding="utf-8")
    carried.to_csv(papers / "workers.csv", index=False, encoding="utf-8-sig")
