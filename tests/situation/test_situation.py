"""The day of the flood, on a drawn district of 8 by 2 houses of 100 households each, and by the commands."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from drawn import A, B, box, district, houses, plan

from gridplan.errors import InputError, LocateError, UnknownCodeError
from gridplan.exports.fonts import find_face
from gridplan.plan import Plan
from gridplan.situation import (
    NO_CLASS,
    Theme,
    Workers,
    by_grid,
    read_theme,
    read_workers,
    select,
    write_contacts,
    write_selection,
)
from gridplan.situation.poster import write_poster

EVIL = '=HYPERLINK("http://evil","x")'


@pytest.fixture(scope="module")
def source() -> Any:
    """
    A and B side by side; the houses of the lower row are b0 to b7, of the upper row b8 to b15::

        b8  b9  b10 b11 | b12 b13 b14 b15
        b0  b1  b2  b3  | b4  b5  b6  b7
    """
    grounds = {A: box(0, 0, 400, 200), B: box(400, 0, 800, 200)}
    addresses = [f"河滨路{n}号" for n in range(16)]
    return district(houses(8, 2), 100, grounds, address=addresses)


@pytest.fixture(scope="module")
def drawn(source: Any) -> Plan:
    return plan(source)


@pytest.fixture(scope="module")
def grades() -> Theme:
    """The two houses at the river's end are red, the next two orange."""
    rows = [("b0", "红"), ("b1", "红"), ("b2", "橙"), ("b3", "橙"), ("b4", None), ("b99", "红")]
    return read_theme(pd.DataFrame(rows, columns=["楼栋编号", "等级"]), "等级")


@pytest.fixture(scope="module")
def people(drawn: Plan) -> Workers:
    first, second = list(drawn.grids["grid_code"])[:2]
    rows = [(first, "王强", "A角", "13800000001"), (first, "李娜", "代理", None), (second, EVIL, None, "13800000002")]
    return read_workers(pd.DataFrame(rows, columns=["网格编码", "姓名", "AB角", "电话"]))


def grid_of(drawn: Plan, building: str) -> str:
    units = drawn.units
    return str(units.loc[units["building_id"] == building, "grid_code"].iloc[0])


def test_a_theme_adds_up_to_each_grids_households(drawn: Plan, grades: Theme) -> None:
    assert grades.classes == ("红", "橙"), "the gravest first, whatever the order of the rows"
    sums = by_grid(drawn, grades)
    households = sums.groupby("grid_code")["households"].sum()
    assert households.to_dict() == drawn.grids.set_index("grid_code")["households"].to_dict()
    by_class = sums.groupby("class")[["buildings", "households"]].sum()
    assert by_class.loc[["红", "橙", NO_CLASS], "buildings"].tolist() == [2, 2, 12]
    assert by_class.loc["红", "households"] == 200


def test_an_area_finds_footprints_or_else_ground(drawn: Plan, source: Any, grades: Theme, people: Workers) -> None:
    water = gpd.GeoSeries([box(-100, -50, 205, 90)], crs=drawn.grids.crs).to_crs("EPSG:4326")
    exact = select(drawn, area=water, footprints=source.buildings, theme=grades, workers=people)
    assert exact.buildings["building_id"].tolist() == ["b0", "b1"], "b2's house begins at x = 240"
    assert exact.buildings["address"].tolist() == ["河滨路0号", "河滨路1号"]
    wide = select(drawn, area=water, theme=grades, workers=people)
    assert sorted(wide.buildings["building_id"]) == ["b0", "b1", "b2"], "its ground begins at x = 200"
    assert wide.totals == {
        "grids": wide.grids["grid_code"].nunique(),
        "buildings": 3,
        "households": 300,
        "class:红": 200,
        "class:橙": 100,
    }
    assert wide.grids["households"].is_monotonic_decreasing
    assert wide.grids[["红", "橙"]].sum().tolist() == [200, 100]
    first = exact.grids.iloc[0]
    duties = people.by_grid
    if first["grid_code"] in duties.index:
        assert first["worker"] == duties.loc[first["grid_code"], "worker"]


def test_a_list_is_taken_as_it_is_or_refused_whole(drawn: Plan) -> None:
    picked = select(drawn, buildings=["b5", "b12"])
    assert set(picked.grids["grid_code"]) == {grid_of(drawn, "b5"), grid_of(drawn, "b12")}
    assert picked.totals["households"] == 200
    with pytest.raises(UnknownCodeError, match="found b77, b78"):
        select(drawn, buildings=["b5", "b78", "b77"])
    with pytest.raises(LocateError, match="touches no grid"):
        select(drawn, area=box(5000, 5000, 5100, 5100))
    with pytest.raises(LocateError, match="both or neither"):
        select(drawn)


def test_what_each_carries_and_where_nobody_is(drawn: Plan, people: Workers) -> None:
    first, second, *others = list(drawn.grids["grid_code"])
    assert people.vacant(drawn) == others
    loads = people.loads(drawn).set_index("person")
    households = drawn.grids.set_index("grid_code")["households"]
    assert loads.loc["王强", ["grids", "households", "deputy_grids"]].tolist() == [1, households[first], 0]
    assert loads.loc["李娜", ["grids", "households", "deputy_grids"]].tolist() == [0, 0, 1]
    assert loads.loc["李娜", "deputy_households"] == households[first]
    assert people.by_grid.loc[first, "deputies"] == "李娜"
    assert loads.loc[EVIL, "grids"] == 1
    assert second in people.by_grid.index


def test_lists_with_faults_are_refused_with_all_of_them() -> None:
    rows = [("g1", "甲", "A"), ("g1", "乙", "主"), ("g2", None, "B"), ("g3", "丙", "组长")]
    with pytest.raises(InputError) as refused:
        read_workers(pd.DataFrame(rows, columns=["grid_code", "person", "role"]))
    assert {fault.code for fault in refused.value.faults} == {"two-workers", "missing-value", "unknown-value"}
    with pytest.raises(InputError, match="buildings with two"):
        read_theme(pd.DataFrame({"building_id": ["b1", "b1"], "c": ["red", "blue"]}), "c")
    with pytest.raises(InputError, match="the column class"):
        read_theme(pd.DataFrame({"building_id": ["b1"], "colour": ["red"]}), "class")


def test_sheets_hold_texts_as_texts(drawn: Plan, people: Workers, grades: Theme, tmp_path: Path) -> None:
    picked = select(drawn, buildings=[f"b{n}" for n in range(16)], theme=grades, workers=people)
    write_selection(picked, tmp_path / "s.xlsx", made_on=date(2026, 11, 22))
    write_contacts(drawn, people, tmp_path / "c.xlsx", made_on=date(2026, 11, 22))
    cells = [
        cell
        for name in ("s.xlsx", "c.xlsx")
        for sheet in openpyxl.load_workbook(tmp_path / name)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert EVIL in {cell.value for cell in cells}
    assert all(cell.data_type in ("s", "n") for cell in cells), "no formula"
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    rows = list(book["按网格"].values)
    heads = next(row for row in rows if row[0] == "网格编码")
    assert rows[-1][heads.index("户数")] == 1600
    assert rows[-1][heads.index("红")] == 200


def test_the_page_to_print_is_the_same_each_time(drawn: Plan, grades: Theme, people: Workers, tmp_path: Path) -> None:
    find_face()
    picked = select(drawn, area=box(-10, -10, 300, 90), theme=grades, workers=people)
    before = picked.grids.copy()
    for name in ("1", "2"):
        paths = {kind: tmp_path / f"{name}.{kind}" for kind in ("pdf", "png")}
        # Dollars are no mathematics: names that hold them are written as they are.
        write_poster(picked, paths, title=r"洪水影响范围 $\frac{1$", made_on=date(2026, 11, 22))
    assert picked.grids.equals(before), "what is printed leaves the selection as it was"
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()
    assert b"FontFile2" in (tmp_path / "1.pdf").read_bytes(), "the Chinese font is in the file"


def test_the_commands_tell_and_write_or_refuse(drawn: Plan, tmp_path: Path) -> None:
    drawn.write(tmp_path / "plan.gpkg")
    area = gpd.GeoDataFrame(geometry=[box(0, 0, 150, 150)], crs=drawn.grids.crs).to_crs("EPSG:4326")
    area.to_file(tmp_path / "water.geojson")
    first = drawn.grids["grid_code"].iloc[0]
    (tmp_path / "people.csv").write_text(f"网格编码,姓名\n{first},王强\n", encoding="gb18030")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from gridplan.cli import main; main()", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    done = run(
        "select", "plan.gpkg", "--area", "water.geojson", "--workers", "people.csv", "-o", "s.xlsx", "--poster", "s.png"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["totals"]["households"] == sum(row["households"] for row in told["grids"])
    assert (tmp_path / "s.xlsx").stat().st_size
    assert (tmp_path / "s.png").stat().st_size
    assert run("contacts", "plan.gpkg", "--workers", "people.csv", "-o", "c.xlsx").returncode == 0
    (tmp_path / "empty.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    refused = run("select", "plan.gpkg", "--area", "empty.geojson", "-o", "x.xlsx")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "x.xlsx").exists()
    both = run("select", "plan.gpkg", "-o", "x.txt", "--poster", "x.gif")
    assert both.returncode == 2
    assert len(both.stderr.splitlines()) == 3, "all faults at once"
