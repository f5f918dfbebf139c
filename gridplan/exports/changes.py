"""The change list: which buildings, and how many households, go from which grid of today to which new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from gridplan.errors import ExportError
from gridplan.exports.dossier import Dossier
from gridplan.exports.workbook import HEAD, TOTAL, fit_columns, new_workbook, put_row
from gridplan.spreadsheets import harmless
from gridplan.words import heading

#: Columns of the list, as `changed_buildings` gives them.
COLUMNS: Final = (
    "building_id", "entrance", "address", "old_code", "old_name", "new_code", "new_name", "households", "persons",
)  # fmt: skip


def changed_buildings(dossier: Dossier) -> pd.DataFrame:
    """
    Return the buildings whose grid's code changes, or that were in no grid.

    Parameters
    ----------
    dossier
        Plan, source, communities wanted (those that buildings come to).

    Returns
    -------
    changes
        ``building_id, entrance, address, old_code`` (None: in no grid)``, old_name, new_code, new_name, households,
        persons``, by old and new code.

    Raises
    ------
    ExportError
        If the plan knows no grids of today: then everything would be a change.
    """
    before = dossier.plan.grids_before
    if before is None:
        raise ExportError(
            "the plan has no grids of today, so nothing changes; plan a source with the layer `grids`, or use "
            "gridplan diff A B --buildings F for the changes between two plans"
        )
    rows = dossier.buildings.rename(columns={"grid_code": "new_code"})
    rows = rows[(rows["old_code"] != rows["new_code"]).to_numpy(dtype=bool)]
    old_names = dict(zip(before["grid_code"], before["name"], strict=True))
    new_names = dict(zip(dossier.grids["grid_code"], dossier.grids["name"], strict=True))
    rows = rows.assign(old_name=rows["old_code"].map(old_names), new_name=rows["new_code"].map(new_names))
    rows = rows.sort_values(["old_code", "new_code", "building_id", "entrance"], kind="stable", ignore_index=True)
    out = rows[list(COLUMNS)].astype(object)
    return pd.DataFrame(out.where(out.notna(), None))


def write_changes(dossier: Dossier, path: Path) -> None:
    """
    Write the change list: as a workbook with the sums by pair of grids, or as CSV in UTF-8 with the rows alone.

    Parameters
    ----------
    dossier
        As of `changed_buildings`.
    path
        File to write, ``.xlsx`` or ``.csv``.

    Raises
    ------
    ExportError
        As of `changed_buildings`.
    """
    rows = changed_buildings(dossier)
    heads = [heading(f"column.{name}", dossier.lang) for name in COLUMNS]
    if path.suffix.lower() == ".csv":
        rows.map(harmless).set_axis(heads, axis=1).to_csv(path, index=False, encoding="utf-8-sig")
        return
    book = new_workbook(dossier.say("网格变更清单", "Changes of grid"))
    total: list[object] = [heading("total.total", dossier.lang), *[None] * 6]
    sums = [int(rows[name].fillna(0).infer_objects().sum()) for name in ("households", "persons")]
    _fill(
        book.create_sheet(dossier.say("按楼栋", "By building")), [heads, *rows.to_numpy(dtype=object), [*total, *sums]]
    )
    pairs = _pairs(rows)
    names = ["old_code", "old_name", "new_code", "new_name"]
    head = [heading(f"column.{name}", dossier.lang) for name in (*names, "buildings", "households")]
    both = [int(pairs[name].sum()) for name in ("buildings", "households")]
    sheet = book.create_sheet(dossier.say("按网格", "By grid"))
    _fill(sheet, [head, *pairs.to_numpy(dtype=object), [total[0], None, None, None, *both]])
    book.save(path)


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return buildings and households by old and new grid."""
    keys = ["old_code", "old_name", "new_code", "new_name"]
    counted = rows.assign(households=rows["households"].astype("int64"))
    grouped = counted.groupby(keys, dropna=False, sort=True)
    out = grouped.agg(buildings=("building_id", "nunique"), households=("households", "sum")).reset_index()
    return out.astype(object).where(out.notna(), None)


def _fill(sheet: Any, rows: list[Any]) -> None:
    """Write headed rows with a total at the end."""
    for number, row in enumerate(rows, 1):
        edge = number in (1, len(rows))
        put_row(sheet, number, row, fill=(HEAD if number == 1 else TOTAL) if edge else None, bold=edge)
    fit_columns(sheet, [list(row) for row in rows])
    sheet.freeze_panes = "A2"
