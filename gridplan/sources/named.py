"""Small tables that planners keep beside a source: columns found by name or by what offices call them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from gridplan.schema import nearest
from gridplan.sources.columns import as_text
from gridplan.sources.formats import read_table
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table

#: What offices call columns, by the names of the contract.
OFFICE_NAMES: Mapping[str, tuple[str, ...]] = {
    "building_id": ("楼栋编号", "楼栋编码", "建筑编号", "楼栋号", "编号"),
    "grid_code": ("网格编码", "网格编号", "网格代码", "网格"),
    "person": ("姓名", "网格员", "网格员姓名", "name", "worker"),
    "phone": ("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式"),
    "role": ("角色", "岗位", "AB角", "A/B角"),
}


def read_named(
    source: str | Path | pd.DataFrame,
    what: str,
    wanted: Collection[str],
    log: FaultLog,
    *,
    optional: Collection[str] = (),
    columns: Mapping[str, str] | None = None,
    sublayer: str | None = None,
) -> pd.DataFrame:
    """
    Read a table and pick its columns; what is missing goes into the log.

    Parameters
    ----------
    source
        A frame, or the path of any table that a source may be (CSV, Excel, Parquet, GeoPackage, ...).
    what
        What the table holds, as faults name it, e.g. ``workers``.
    wanted, optional
        Names of the columns that it must and may have.
    log
        Takes faults.
    columns
        Names in the table by ours, where they are neither ours nor of `OFFICE_NAMES`.
    sublayer
        Layer or sheet in the file.

    Returns
    -------
    rows
        The columns as text without blanks around, None where empty; an optional one that is missing is None. Empty
        where the file could not be read.
    """
    names = [*wanted, *optional]
    frame = _frame(source, what, log, sublayer)
    if frame is None:
        return pd.DataFrame(columns=names)
    picked = {name: _picked(frame, name, columns or {}) for name in names}
    for name in wanted:
        if picked[name] is None:
            hint = nearest(name, map(str, frame.columns)) or ", ".join(map(str, frame.columns[:8])) or "-"
            log.add("column-missing", what, name, file=_file(source), nearest=hint)
    return pd.DataFrame({name: _clean(column, len(frame)) for name, column in picked.items()})


def _file(source: str | Path | pd.DataFrame) -> str:
    return "" if isinstance(source, pd.DataFrame) else str(source)


def _frame(source: str | Path | pd.DataFrame, what: str, log: FaultLog, sublayer: str | None) -> pd.DataFrame | None:
    if isinstance(source, pd.DataFrame):
        return source.reset_index(drop=True)
    raw = read_table(Table(what, Path(source).absolute(), str(source), sublayer=sublayer), log)
    return None if raw is None else raw.frame


def _picked(frame: pd.DataFrame, name: str, columns: Mapping[str, str]) -> pd.Series | None:
    candidates = (columns[name],) if name in columns else (name, *OFFICE_NAMES.get(name, ()))
    found = next((each for each in candidates if each in frame), None)
    return None if found is None else frame[found]


def _clean(column: pd.Series | None, count: int) -> pd.Series:
    if column is None:
        return pd.Series([None] * count, dtype=object)
    values = [None if pd.isna(value) else str(value).strip() or None for value in as_text(column)]
    return pd.Series(values, dtype=object)
