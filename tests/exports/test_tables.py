"""Ledger, forms and change list: every grid and household once, sums that add up, nothing that runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from drawn import A, B

from gridplan.errors import ExportError
from gridplan.exports import Dossier, changed_buildings, export_all
from gridplan.exports.workbook import RISKY, new_workbook, put, sheet_title
from gridplan.words import word


@pytest.fixture(scope="module")
def folder(dossier: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tables")
    wanted = {name: out / f"{name}.xlsx" for name in ("ledger", "register", "changes")}
    assert export_all(dossier, wanted) == list(wanted.values())
    return out


def cells(path: Path) -> list[Any]:
    return [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    head, *body = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_the_ledger_has_each_grid_once_and_totals_that_add_up(dossier: Dossier, folder: Path) -> None:
    table = rows(folder / "ledger.xlsx", "网格台账")
    grids = [row for row in table if row["序号"]]
    assert [row["网格编码"] for row in grids] == dossier.plan.grids["grid_code"].tolist()
    totals = {row["社区编码"]: row for row in table if not row["序号"]}
    for code in (A, B, None):
        mine = [row for row in grids if code in (None, row["社区编码"])]
        for column in ("户数", "楼栋数", "月工作量（分钟）"):
            assert totals[code][column] == sum(row[column] for row in mine)
    assert totals[None]["户数"] == 1600
    assert {row["启用日期"] for row in grids} == {"2026-12-01"}
    notes = [cell.value for cell in openpyxl.load_workbook(folder / "ledger.xlsx")["说明"]["A"]]
    assert notes[0] == word("said.no_division", "zh")
    assert any("户数口径" in line for line in notes)


@pytest.mark.parametrize("name", ["ledger", "register", "changes"])
def test_no_cell_is_a_formula_and_numbers_are_numbers(folder: Path, name: str) -> None:
    found = cells(folder / f"{name}.xlsx")
    risky = [cell for cell in found if isinstance(cell.value, str) and cell.value.startswith(RISKY)]
    assert risky, "the hostile names are in there"
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)
    assert not [cell for cell in found if cell.data_type == "f"]
    assert any(cell.data_type == "n" and cell.value == 100 for cell in found) or name == "ledger"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "{=1}", "a\x00b\x07"])
def test_text_is_written_as_text(tmp_path: Path, text: str) -> None:
    book = new_workbook("t")
    put(book.create_sheet("t"), 1, 1, text)
    book.save(tmp_path / "t.xlsx")
    (cell,) = cells(tmp_path / "t.xlsx")
    assert cell.data_type == "s"
    assert bool(cell.quotePrefix) == text.startswith(RISKY)


def test_titles_of_sheets_are_allowed_and_differ() -> None:
    first = sheet_title("a/b:c" + "x" * 40, [])
    assert len(first) == 31
    assert not set("[]:*?/\\") & set(first)
    second = sheet_title("A/B:C" + "x" * 40, [first])
    assert second.casefold() != first.casefold()
    assert len(second) <= 31


def test_each_grid_has_a_form_with_its_buildings(dossier: Dossier, folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "register.xlsx")
    assert book.sheetnames == [A, B]
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    for code in dossier.grids["grid_code"]:
        assert values.count(code) == 1
    for building in dossier.buildings["building_id"]:
        assert values.count(building) == 1
    breaks = [len(sheet.row_breaks.brk) for sheet in book]
    assert breaks == [count - 1 for count in dossier.grids.groupby("community_code").size()]


def test_the_changes_are_those_of_the_units(dossier: Dossier, folder: Path) -> None:
    changes = changed_buildings(dossier)
    units = dossier.plan.units
    built = units[units["building_id"].notna()]
    moved = built[built["old_code"].to_numpy(dtype=object) != built["grid_code"].to_numpy(dtype=object)]
    assert sorted(changes["building_id"]) == sorted(moved["building_id"])
    by_grid = rows(folder / "changes.xlsx", "按网格")
    assert by_grid[-1]["户数"] == sum(row["户数"] for row in by_grid[:-1]) == moved["households"].sum()


def test_changes_as_csv_run_no_formula(dossier: Dossier, tmp_path: Path) -> None:
    lone = replace(dossier.plan, units=dossier.plan.units.assign(old_code="=x"))
    export_all(replace(dossier, plan=lone), {"changes": tmp_path / "c.csv"})
    text = (tmp_path / "c.csv").read_text(encoding="utf-8-sig")
    assert ",'=x," in text
    assert ",=x" not in text


def test_all_or_nothing(dossier: Dossier, tmp_path: Path) -> None:
    bare = replace(dossier, plan=replace(dossier.plan, grids_before=None))
    with pytest.raises(ExportError, match="no grids of today"):
        export_all(bare, {"ledger": tmp_path / "l.xlsx", "shapefile": tmp_path / "shp", "changes": tmp_path / "c.xlsx"})
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_is_said_at_once(dossier: Dossier) -> None:
    with pytest.raises(ExportError) as found:
        replace(dossier, communities=("1", "2"), valid_to=dossier.valid_from)
    assert [word in str(found.value) for word in ("community 1", "community 2", "valid-to")] == [True] * 3
