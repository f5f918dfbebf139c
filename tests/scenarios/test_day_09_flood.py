"""
Day 9, the flood (notebook, browser, printed).

Buildings carry a four-colour flood grade. Draw the area under water: which grids, how many households by colour, which
workers, who has most to move; print the sheet. The same for a lock-down of five buildings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

import gridplan
from gridplan.situation import by_grid, read_theme, read_workers, select

from .conftest import Run
from .notebook import run_cells

pytestmark = pytest.mark.browser


COLOURS = """
import gridplan, maps
from gridplan.situation import by_grid, read_theme
plan = gridplan.read_plan(PLAN)
grades = read_theme(OFFICE, "flood_grade")
sums = by_grid(plan, grades)
sums
"""
DRAWN = """
red = sums[sums["class"] == "red"].set_index("grid_code")["households"]
red = red.reindex(plan.grids["grid_code"]).fillna(0)
measure = maps.Measure(red, "红色等级户数", "Households in red")
open("red.html", "w", encoding="utf-8").write(maps.choropleth_page(plan, measure, title="洪水风险", method="equal"))
maps.choropleth(plan, measure)
"""


def test_day_9(
    browser: Any, gridplan_command: Run, office: Path, office_plan: Path, tmp_path: Path, papers: Path
) -> None:
    # Every building has its colour; the sums by grid are the grids' own, and are drawn.
    plan, grades = gridplan.read_plan(office_plan), read_theme(office, "flood_grade")
    assert grades.classes[:4] == ("red", "orange", "yellow", "blue")
    assert by_grid(plan, grades)["households"].sum() == plan.grids["households"].sum()
    shown = run_cells([f"PLAN, OFFICE = {str(office_plan)!r}, {str(office)!r}", COLOURS, DRAWN], tmp_path)
    assert "orange" in shown[1]
    assert "<iframe" in shown[2]
    opened(browser, tmp_path / "red.html", papers / "red.png")

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
    assert {"红色", "橙色", "网格员", "联系电话", "代理（B角）"} <= set(heads)
    assert values[-1][heads.index("户数")] == told["totals"]["households"]
    (tmp_path / "flood.png").rename(papers / "flood.png")
    (tmp_path / "flood.xlsx").rename(papers / "flood.xlsx")

    # A lock-down of five buildings.
    five = plan.units["building_id"].dropna().unique()[:5]
    picked = select(plan, buildings=list(five), workers=read_workers(tmp_path / "workers.xlsx"))
    assert picked.totals["buildings"] == 5
    assert set(picked.grids["grid_code"]) == set(plan.units.loc[plan.units["building_id"].isin(five), "grid_code"])


def opened(browser: Any, page_path: Path, picture: Path) -> None:
    """Open the map as it was mailed: a file, without a network; it is drawn and complains of nothing."""
    context = browser.new_context(locale="zh-CN", offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(page_path.as_uri())
    page.wait_for_selector("canvas")
    assert "红色等级户数" in page.inner_text("body")
    page.screenshot(path=picture)
    context.close()
    assert faults == []
