"""The ledger of grids (网格台账): one row per grid, totals by community."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl.styles import Alignment, Font

from gridplan.exports.dossier import Dossier
from gridplan.exports.sides import sentence, sides_of
from gridplan.exports.workbook import HEAD, TOTAL, fit_columns, new_workbook, put, put_row
from gridplan.reasons import reason_text
from gridplan.words import called, heading, word

#: Columns of the ledger, as the catalogue of words names them.
COLUMNS: Final = (
    "number", "community_code", "community_name", "grid_code", "name", "kind", "households", "persons", "units",
    "work_min", "area_m2", "locked", "bounds", "violations", "valid_from", "valid_to",
)  # fmt: skip
_SUMMED: Final = ("households", "persons", "units", "work_min", "area_m2")
_FIRST_SUM = COLUMNS.index(_SUMMED[0])


def write_ledger(dossier: Dossier, path: Path, sides: pd.DataFrame | None = None) -> None:
    """
    Write the ledger as a workbook of two sheets: the grids, and what a reader must know.

    Parameters
    ----------
    dossier
        Plan, days, source, language.
    path
        File to write (.xlsx).
    sides
        As of `gridplan.exports.sides.sides_of`, where it is known already.

    Notes
    -----
    Sums are written as numbers: no cell holds a formula. Persons that the source lacks stay empty and count as 0.
    """
    title = dossier.say("网格台账", "Grid ledger")
    book = new_workbook(title)
    sheet = book.create_sheet(title)
    rows = [
        [heading(f"column.{name}", dossier.lang) for name in COLUMNS],
        *_rows(dossier, sides_of(dossier) if sides is None else sides),
    ]
    for number, row in enumerate(rows, 1):
        total = row[0] is None
        put_row(sheet, number, row, fill=HEAD if number == 1 else TOTAL if total else None, bold=number == 1 or total)
    fit_columns(sheet, rows)
    sheet.freeze_panes = "F2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    _notes(book.create_sheet(dossier.say("说明", "Notes")), dossier)
    book.save(path)


def _rows(dossier: Dossier, sides: pd.DataFrame) -> list[list[Any]]:
    """Return the rows by community, each community's total below it, the whole at the end."""
    words = {row["grid_code"]: sentence(row, dossier) for row in sides.to_dict("records")}
    departures = _departures(dossier)
    out: list[list[Any]] = []
    grids = dossier.grids
    for community, mine in grids.groupby("community_code", sort=True):
        for grid in mine.to_dict("records"):
            number = sum(row[0] is not None for row in out) + 1
            out.append(_row(dossier, number, grid, words[grid["grid_code"]], departures.get(grid["grid_code"], "")))
        count = dossier.say(f"合计 {len(mine)} 个网格", f"total of {len(mine)} grids")
        out.append(_total(dossier.names[str(community)], str(community), count, mine))
    out.append(
        _total(
            heading("total.whole", dossier.lang),
            None,
            dossier.say(f"{len(grids)} 个网格", f"{len(grids)} grids"),
            grids,
        )
    )
    return out


def _row(dossier: Dossier, number: int, grid: dict[str, Any], bounds: str, departures: str) -> list[Any]:
    kind = called("kind", grid["kind"], dossier.lang)
    return [
        number,
        *(grid[name] for name in ("community_code", "community_name", "grid_code", "name")),
        kind,
        *(grid[name] for name in ("households", "persons", "units", "work_min")),
        round(grid["area_m2"]),
        word("total.yes", dossier.lang) if grid["locked"] else None,
        bounds,
        departures or None,
        grid["valid_from"],
        grid["valid_to"],
    ]


def _total(name: str, code: str | None, count: str, grids: pd.DataFrame) -> list[Any]:
    sums = [int(grids[column].fillna(0).sum()) for column in _SUMMED[:-1]]
    head = [None, code, name, None, count, None]
    return [*head, *sums, round(float(grids["area_m2"].sum())), *[None] * (len(COLUMNS) - _FIRST_SUM - 5)]


def _departures(dossier: Dossier) -> dict[str, str]:
    """Return what departs from the rules in each grid, with the reason, in words."""
    out: dict[str, list[str]] = {}
    for row in dossier.plan.violations.to_dict("records"):
        out.setdefault(row["grid_code"], []).append(reason_text(row["rule"], row["reason"], dossier.lang))
    return {code: dossier.say("；", "; ").join(dict.fromkeys(texts)) for code, texts in out.items()}


def _notes(sheet: Any, dossier: Dossier) -> None:
    lines = [
        *dossier.footer,
        dossier.say(
            "四至由数据源中道路、水系、铁路的名称描述；无名称处以相邻网格编码或社区边界表示。",
            "Bounds are described by the names of streets, water and railways in the source; where there are none, by "
            "the neighbouring grids and communities.",
        ),
    ]
    for number, line in enumerate(lines, 1):
        put(sheet, number, 1, line, boxed=False).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True)
    sheet.column_dimensions["A"].width = 100
