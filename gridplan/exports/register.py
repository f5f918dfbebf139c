"""The registration forms (登记表): one page for each grid, with blanks for those who serve it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.pagebreak import Break

from gridplan.exports.dossier import Dossier
from gridplan.exports.sides import SIDES, sides_of
from gridplan.exports.workbook import HEAD, new_workbook, put, sheet_title
from gridplan.words import called, heading

# Blanks to be filled in by hand, two to a row.
_BLANKS: Final = (
    ("leader", "phone"),
    ("worker", "phone"),
    ("party_branch", "in_charge"),
    ("filled_in_by", "checked_by"),
)
_BUILDINGS: Final = ("number", "building_id", "address", "entrance", "households", "persons")
# What is said of the grid, two to a row.
_FACTS: Final = (
    ("grid_code", "name"), ("community_name", "kind"), ("households", "persons"), ("units", "area_m2"),
)  # fmt: skip
_WIDTHS: Final = (12, 16, 34, 12, 10, 14)
_WIDTH: Final = len(_WIDTHS)


def write_register(dossier: Dossier, path: Path, sides: pd.DataFrame | None = None) -> None:
    """
    Write the forms as a workbook: a sheet for each community, a page for each grid.

    Parameters
    ----------
    dossier
        Plan, days, source, language.
    path
        File to write (.xlsx).
    sides
        As of `gridplan.exports.sides.sides_of`, where it is known already.
    """
    book = new_workbook(dossier.say("网格登记表", "Grid registration forms"))
    around = (sides_of(dossier) if sides is None else sides).set_index("grid_code")
    homes = {str(code): rows for code, rows in dossier.buildings.groupby("grid_code")}
    for community, grids in dossier.grids.groupby("community_code", sort=True):
        sheet = book.create_sheet(sheet_title(str(community), book.sheetnames))
        _page(sheet)
        form = _Form(sheet, dossier)
        for grid in grids.to_dict("records"):
            form.write(grid, dict(around.loc[grid["grid_code"]]), homes.get(grid["grid_code"]))
    book.save(path)


def _page(sheet: Any) -> None:
    """Set a sheet up to print one form after the other on A4."""
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


class _Form:
    """Writes forms one below the other."""

    def __init__(self, sheet: Any, dossier: Dossier) -> None:
        self.sheet, self.dossier, self.row = sheet, dossier, 1

    def write(self, grid: dict[Any, Any], sides: dict[Any, Any], buildings: pd.DataFrame | None) -> None:
        """Write the form of one grid, and have the next begin a page."""
        if self.row > 1:
            self.sheet.row_breaks.append(Break(id=self.row - 1))
        self._line(self.dossier.say("网格登记表", "Grid registration form"), size=16, centred=True)
        self._facts(grid)
        for side in SIDES:
            self._pair(heading(f"side.{side}", self.dossier.lang), sides[side])
        for names in _BLANKS:
            self._four(*(cell for name in names for cell in (heading(f"column.{name}", self.dossier.lang), None)))
        self._buildings(buildings)
        for line in self.dossier.footer:
            self._line(line, size=9)

    def _facts(self, grid: dict[Any, Any]) -> None:
        lang = self.dossier.lang
        community = f"{grid['community_name']}（{grid['community_code']}）"
        facts = {**grid, "kind": called("kind", grid["kind"], lang), "area_m2": round(grid["area_m2"])}
        facts["community_name"] = community
        for one, two in _FACTS:
            self._four(heading(f"column.{one}", lang), facts[one], heading(f"column.{two}", lang), facts[two])

    def _buildings(self, buildings: pd.DataFrame | None) -> None:
        for column, name in enumerate(_BUILDINGS, 1):
            cell = put(self.sheet, self.row, column, heading(f"column.{name}", self.dossier.lang))
            cell.fill, cell.font = HEAD, Font(bold=True)
        self.row += 1
        rows = [] if buildings is None else buildings.to_dict("records")
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate([number, *(row[name] for name in _BUILDINGS[1:])], 1):
                put(self.sheet, self.row, column, cell)
            self.row += 1

    def _four(self, first: Any, one: Any, second: Any, two: Any) -> None:
        """Write two headed values in one row: B to C, and E to F."""
        for column, value in ((1, first), (2, one), (3, None), (4, second), (5, two), (6, None)):
            cell = put(self.sheet, self.row, column, value)
            cell.alignment = Alignment(vertical="center", horizontal="left", wrap_text=True)
            if column in (1, 4):
                cell.fill = HEAD
        self._merge(2, 3)
        self._merge(5, 6)
        self.row += 1

    def _pair(self, head: str, value: str) -> None:
        """Write one headed value over the whole row."""
        for column, text in enumerate([head, value, *[None] * (_WIDTH - 2)], 1):
            put(self.sheet, self.row, column, text)
        self.sheet.cell(self.row, 1).fill = HEAD
        self._merge(2, _WIDTH)
        self.row += 1

    def _line(self, text: str, *, size: int, centred: bool = False) -> None:
        """Write a line of text over the whole row."""
        cell = put(self.sheet, self.row, 1, text, boxed=False)
        cell.font = Font(size=size, bold=centred)
        cell.alignment = Alignment(horizontal="center" if centred else "left", vertical="center", wrap_text=True)
        self.sheet.row_dimensions[self.row].height = 2.2 * size if centred or len(text) > 55 else 1.5 * size
        self._merge(1, _WIDTH)
        self.row += 1

    def _merge(self, first: int, last: int) -> None:
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=first, end_column=last)
