"""
Day 9, the flood (notebook, printed).

Buildings carry a four-colour flood grade. Draw the area under water: which grids, how many households by colour, which
workers, who has most to move; print the sheet. The same for a lock-down of five buildings.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd

import gridplan
from gridplan.situation import by_grid, read_theme, read_workers, select

from .conftest import Run


def test_day_9(gridplan_command: Run, office: Path, office_plan: Path, tmp_path: Path, papers: Path) -> None:
    plan = gridplan.read_plan(office_plan)

    # Every building has its colour; the sums by grid are the grids' own.
    grades = read_theme(office, "flood_grade")
    assert grades.classes[:4] == ("red", "orange", "yellow", "blue")
    assert by_grid(plan, grades)["households"].sum() == plan.grids["households"].sum()

    # The list of workers as the office keeps it: an Excel sheet with Chinese headings, one post vacant.
    codes = plan.grids["grid_code"].tolist()
    rows = [(code, f"网格员{n}", "A角", f"139000{n:05d}") for n, code in enumerate(codes) if n]
    rows += [(code, f"网格员{(n + 1) % len(codes)}", "B角", None) for n, code in enumerate(codes)]
    pd.DataFrame(rows, columns=["网格编码", "姓名", "AB角", "电话"]).to_excel(tmp_path / "workers.xlsx", index=False)
    assert read_workers(tmp_path / "workers.xlsx").vacant(plan) == codes[:1]

    # The water, drawn in the browser and saved as GeoJSON: a strip along the river.
    district = gridplan.read_source(office)
    assert district.barriers is not None
    river = district.barriers[district.barriers["kind"] == "river"].union_all()
    water = gpd.GeoSeries([river.buffer(130)], crs=district.crs).to_crs("EPSG:4326")
    gpd.GeoDataFrame(geometry=water).to_file(tmp_path / "water.geojson")

    done = gridplan_command(
        "select", office_plan, "--area", "water.geojson", "--source", office, "--classes", office, "--class-column",
        "flood_grade", "--workers", "workers.xlsx", "-o", "flood.xlsx", "--poster", "flood.png", "--title", "洪水转移",
    )  # fmt: skip
    told = json.loads(done.stdout)
    wet = district.buildings[district.buildings.intersects(river.buffer(130))]
    assert told["totals"]["buildings"] == len(wet)
    assert told["totals"]["households"] == wet["households"].sum()
    by_colour = wet["households"].groupby(wet["building_id"].map(grades.of)).sum()
    assert told["totals"]["class:red"] == by_colour["red"]
    most = told["grids"][0]
    assert most["households"] == max(row["households"] for row in told["grids"])
    assert most["worker"] or most["grid_code"] == codes[0]

    sheet = openpyxl.load_workbook(tmp_path / "flood.xlsx")["按网格"]
    values = list(sheet.values)
    heads = next(row for row in values if row[0] == "网格编码")
    assert {"红色", "橙色", "网格员（A角）", "联系电话", "代理（B角）"} <= set(heads)
    assert values[-1][heads.index("户数")] == told["totals"]["households"]
    (tmp_path / "flood.png").rename(papers / "flood.png")
    (tmp_path / "flood.xlsx").rename(papers / "flood.xlsx")

    # A lock-down of five buildings.
    five = plan.units["building_id"].dropna().unique()[:5]
    picked = select(plan, buildings=list(five), workers=read_workers(tmp_path / "workers.xlsx"))
    assert picked.totals["buildings"] == 5
    assert set(picked.grids["grid_code"]) == set(plan.units.loc[plan.units["building_id"].isin(five), "grid_code"])
