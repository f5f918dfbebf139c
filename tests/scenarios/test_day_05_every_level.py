"""
Day 5, every level (command line).

Communities of 3,000-5,000 households (the split of one above is proposed), grids of 300-500, micro-grids of 30-50
under them, building heads; rural village groups uncut; schools and markets exclusive. One code tree, no gap. Twelve
towns into four enforcement areas of even caseload and short ways.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

import gridplan
from gridplan.sources import read_source

from .conftest import Run


def test_day_5_one_tree(gridplan_command: Run, office: Path, tmp_path: Path) -> None:
    given = read_source(office)
    counts = given.buildings.groupby("home")["households"].sum()
    assert counts.max() > 5_000, "one community is too large"
    gridplan_command("levels", office, "-o", "tree.gpkg", "--levels", "community,grid,micro")

    levels = gpd.read_file(tmp_path / "tree.gpkg", layer="levels")
    communities = levels[levels["level"] == "community"]
    urban = communities[communities["kind"] != "rural"]
    assert len(communities) > len(counts), "its split is proposed"
    assert urban["households"].max() <= 5_000
    for level in ("grid", "micro"):
        mine = levels[levels["level"] == level]
        assert mine["code"].is_unique
        for code, parent in zip(mine["code"], mine["parent_code"], strict=True):
            assert code.startswith(parent)
        assert mine["households"].sum() == counts.sum()
        assert abs(shapely.area(mine.geometry).sum() - shapely.area(communities.geometry).sum()) < 1.0, "no gap"
    assert (levels["kind"] == "exclusive").any()

    heads = gpd.read_file(tmp_path / "tree.gpkg", layer="heads")
    assert heads["households"].sum() == counts.sum()
    assert heads["head_code"].is_unique

    built = given.buildings[given.buildings["village_group"].notna()]
    homes = pd.DataFrame({"group": built["village_group"], "building_id": built["building_id"]})
    grid_of = dict(zip(heads["building_id"], heads["grid_code"], strict=True))
    assert len(homes)
    assert (homes.groupby("group")["building_id"].agg(lambda ids: len({grid_of[each] for each in ids})) == 1).all()


def test_day_5_twelve_towns(gridplan_command: Run, tmp_path: Path, papers: Path) -> None:
    towns = gridplan.example("towns", tmp_path)
    given = gpd.read_file(towns, layer="towns")
    assert len(given) == 12
    named = ("--layer", "towns", "--code", "代码", "--name", "名称", "--weight", "案件数")
    gridplan_command("zones", towns, "-o", "zones.gpkg", "-n", "4", *named)
    zones = gpd.read_file(tmp_path / "zones.gpkg", layer="levels")
    zones = zones[zones["level"] == "zone"]
    assert len(zones) == 4
    assert not shapely.union_all(zones.geometry.to_numpy()).symmetric_difference(given.union_all()).area > 1.0
    assert (zones.geometry.geom_type == "Polygon").all(), "each in one piece"
    weights = given["案件数"].sum() / 4
    found = gpd.read_file(tmp_path / "zones.gpkg", layer="level_violations")
    uneven = (zones["weight"] - weights).abs() / weights
    assert (uneven <= 0.10).all() or len(found), "even, or it is said why not"
    zones.drop(columns="geometry").to_csv(papers / "zones.csv", index=False, encoding="utf-8-sig")
