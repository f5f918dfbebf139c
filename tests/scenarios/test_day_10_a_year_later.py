"""
Day 10, a year later (command line).

12 % of buildings have new counts, one estate is demolished, another built. Revise: what still fits stays, codes stay,
few households move; last year's incidents restated on the new plan sum to the same totals.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from .conftest import Run

LAYERS = ("communities", "barriers", "exclusive")


def a_year(office: Path, folder: Path) -> None:
    """Write this year's and next year's source."""
    buildings = gpd.read_file(office, layer="buildings")
    entrances = gpd.read_file(office, layer="entrances")
    sizes = buildings.groupby("compound_id")["households"].sum()
    middling = sizes[sizes.between(150, 400)].index.sort_values()
    demolished, built = middling[0], middling[-1]
    assert demolished != built

    def write(name: str, homes: gpd.GeoDataFrame, doors: gpd.GeoDataFrame) -> None:
        path = folder / name
        for layer in LAYERS:
            gpd.read_file(office, layer=layer).to_file(path, layer=layer)
        homes.to_file(path, layer="buildings")
        doors[doors["building_id"].isin(homes["building_id"])].to_file(path, layer="entrances")

    before = buildings[buildings["compound_id"] != built]
    after = buildings[buildings["compound_id"] != demolished].copy()
    rng = np.random.default_rng(12)
    # Not those with entrances: their counts are the entrances' sums.
    free = after.index[~after["building_id"].isin(entrances["building_id"]) & (after["households"] > 0)]
    changed = rng.choice(free, round(0.12 * len(after)), replace=False)
    counts = after.loc[changed, "households"] * rng.uniform(0.7, 1.4, len(changed))
    after.loc[changed, "households"] = np.maximum(1, np.rint(counts)).astype(np.int64)
    write("this-year.gpkg", before, entrances)
    write("next-year.gpkg", after, entrances)


def test_day_10(gridplan_command: Run, office: Path, tmp_path: Path, papers: Path) -> None:
    a_year(office, tmp_path)
    gridplan_command("plan", "this-year.gpkg", "-o", "today.gpkg", "--effort", "quick", "--strict")

    # Today's plan becomes a layer of next year's source.
    toml = "".join(
        f'[layers.{layer}]\npath = "next-year.gpkg"\nlayer = "{layer}"\n'
        for layer in (*LAYERS, "buildings", "entrances")
    )
    toml += '[layers.grids]\npath = "today.gpkg"\nlayer = "grids"\n'
    (tmp_path / "next-year.toml").write_text('[source]\nhouseholds_are = "synthetic"\n' + toml, encoding="utf-8")
    gridplan_command("revise", "next-year.toml", "-o", "revised.gpkg", "--effort", "quick", "--strict")

    today = gpd.read_file(tmp_path / "today.gpkg", layer="grids")
    revised = gpd.read_file(tmp_path / "revised.gpkg", layer="grids")
    kept = set(today["grid_code"]) & set(revised["grid_code"])
    assert len(kept) >= 0.8 * len(today), "codes stay"
    fresh = set(revised["grid_code"]) - set(today["grid_code"])
    for code in fresh:
        community = [other for other in today["grid_code"] if other[:12] == code[:12]]
        assert code > max(community), "new codes go on from the largest"

    done = gridplan_command("diff", "today.gpkg", "revised.gpkg", "--json", "--buildings", "who-moves.csv")
    told = json.loads(done.stdout)
    moved = told["households_moved"]
    assert moved <= 0.08 * revised["households"].sum(), "few households move"
    rows = pd.read_csv(tmp_path / "who-moves.csv", dtype=str)
    assert len(rows)
    (tmp_path / "who-moves.csv").rename(papers / "who-moves.csv")
    last_year_restated(gridplan_command, office, tmp_path)


def last_year_restated(run: Run, office: Path, folder: Path) -> None:
    """Count last year's incidents on the plan that they were taken to, then on the new one: each once on both."""
    register = gpd.read_file(office, layer="incidents").to_crs("EPSG:4326")
    register = register.assign(lon=register.geometry.x, lat=register.geometry.y).drop(columns="geometry")
    register.to_csv(folder / "register.csv", index=False)
    run("publish", "today.gpkg", "--by", "王强", "--valid-from", "2025-07-01")
    run("incidents", "import", "register.csv", "--source", "12345热线", "--by", "李娜")
    year = ("--from", "2025-07-01", "--to", "2026-06-30", "--json")
    before = json.loads(run("stats", *year).stdout)
    run("publish", "revised.gpkg", "--by", "王强", "--valid-from", "2026-07-01")
    [new] = json.loads(run("plans", "in-force", "--json").stdout)
    after = json.loads(run("stats", *year, "--plan", new["plan_id"]).stdout)

    assert {unit["code"] for unit in after["units"]} <= set(
        gpd.read_file(folder / "revised.gpkg", layer="grids")["grid_code"]
    )
    placed = sum(unit["received"] for unit in before["units"])
    waiting = before["unplaced"]["received"]
    assert placed + waiting == len(register)
    told = after["restated"]
    assert told["total"] == len(register) > waiting, "each incident is counted once, those without a grid outside"
    lost = told["outside"] - waiting + told["split"]
    assert told["by_point"] + told["by_code"] + told["outside"] + told["split"] == told["total"]
    for count in ("received", "closure", "satisfaction"):
        whole, again = (sum(_count(unit[count]) for unit in found["units"]) for found in (before, after))
        assert again == whole - (lost if count == "received" else 0), count


def _count(value: int | dict[str, int]) -> int:
    """Return a number itself, of a rate its numerator."""
    return value if isinstance(value, int) else value["numerator"]
