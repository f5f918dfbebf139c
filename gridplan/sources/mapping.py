"""From a foreign table to the contract's columns: names mapped, constants set, rows kept, points made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import LAYERS, nearest
from gridplan.sources.columns import as_text, parse_numbers
from gridplan.sources.formats import RawTable
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table

# Eastings with a zone's number before them reach 45 million metres.
_LARGEST_COORDINATE = 1e8


@dataclass(frozen=True)
class Part:
    """
    One table in the contract's columns, its coordinates still in their own frame.

    Parameters
    ----------
    table, raw
        Where it comes from.
    frame
        Those columns of the contract that the table has, as the file holds them; RangeIndex.
    geometry
        Geometries or None per row, shape (n_rows,); None where the table has none.
    rows
        Row numbers in the file, counted from 1, shape (n_rows,).
    """

    table: Table
    raw: RawTable
    frame: pd.DataFrame
    geometry: NDArray[Any] | None
    rows: NDArray[np.int64]


def map_table(raw: RawTable, table: Table, log: FaultLog, *, estimate: bool = False) -> Part:
    """
    Bring a foreign table into the contract's columns.

    Parameters
    ----------
    raw
        The table as read.
    table
        What the source says of it.
    log
        Takes columns that are missing.
    estimate
        Whether ``households`` may be missing, since it is estimated.
    """
    layer = LAYERS[table.layer]
    _check_mapped(raw, table, log)
    kept = _kept_rows(raw, table, log)
    picked = {name: _pick(raw, table, name) for name in layer.names}
    frame = pd.DataFrame({name: values for name, values in picked.items() if values is not None})
    optional = {"households"} if estimate and layer.name == "buildings" else set()
    _check_required([name for name in layer.names if name not in optional | set(frame)], raw, table, log)
    if len(frame.columns) == 0:
        frame = pd.DataFrame(index=raw.frame.index)
    geometry = _geometry(raw, table, log) if layer.shapes else None
    if geometry is None and layer.geometry_required:
        names = ", ".join(map(str, raw.frame.columns))
        log.add("geometry-missing", layer.name, "geometry", file=table.file, names=names)
    rows = np.flatnonzero(kept)
    return Part(
        table,
        raw,
        frame.iloc[rows].reset_index(drop=True),
        None if geometry is None else geometry[rows],
        rows + 1,
    )


def _check_mapped(raw: RawTable, table: Table, log: FaultLog) -> None:
    have = [str(name) for name in raw.frame.columns]
    named = [(ours, each) for ours, theirs in table.columns.items() for each in theirs if ours != "geometry"]
    for ours, theirs in named:
        if theirs not in have:
            hint = nearest(theirs, have) or ", ".join(have)
            log.add("mapped-column-missing", table.layer, ours, file=table.file, value=theirs, nearest=hint)
        # The name that a reader of tables gives to a column whose name comes again.
        elif f"{theirs}.1" in have:
            log.add("column-twice", table.layer, ours, file=table.file, value=theirs)


def _check_required(absent: Sequence[str], raw: RawTable, table: Table, log: FaultLog) -> None:
    have = [str(name) for name in raw.frame.columns]
    for column in LAYERS[table.layer].columns:
        if column.required and column.name in absent and column.name not in table.columns:
            hint = nearest(column.name, have) or ", ".join(have) or "-"
            log.add("column-missing", table.layer, column.name, file=table.file, nearest=hint)


def _pick(raw: RawTable, table: Table, name: str) -> pd.Series | None:
    """Return the values of one of our columns: a constant, the mapped column, or the column of that name."""
    if name in table.constants:
        return pd.Series([table.constants[name]] * len(raw.frame), index=raw.frame.index, dtype=object)
    theirs = table.columns.get(name, (name,))
    if not set(theirs) <= set(raw.frame.columns):
        return None
    if len(theirs) == 1:
        return raw.frame[theirs[0]]
    texts = pd.concat([as_text(raw.frame[each]).fillna("") for each in theirs], axis=1)
    return texts.agg(" ".join, axis=1)


def _kept_rows(raw: RawTable, table: Table, log: FaultLog) -> NDArray[np.bool_]:
    kept = np.ones(len(raw.frame), dtype=bool)
    for name, values in table.keep.items():
        (theirs, *_) = table.columns.get(name, (name,))
        if theirs not in raw.frame.columns:
            have = [str(each) for each in raw.frame.columns]
            log.add(
                "mapped-column-missing",
                table.layer,
                file=table.file,
                value=name,
                nearest=nearest(name, have) or ", ".join(have),
            )
            continue
        kept &= _matches(raw.frame[theirs], values)
    return kept


def _matches(series: pd.Series, values: Sequence[Any]) -> NDArray[np.bool_]:
    """Compare as text, so that 0, 0.0 and "0" are one value; an empty text matches where there is no value."""
    wanted = set(as_text(pd.Series(list(values), dtype=object)).fillna("").tolist())
    matches: NDArray[np.bool_] = as_text(series).fillna("").isin(wanted).to_numpy(dtype=bool)
    return matches


def _geometry(raw: RawTable, table: Table, log: FaultLog) -> NDArray[Any] | None:
    if raw.geometry is not None:
        return raw.geometry
    written = _pick(raw, table, "geometry")
    if written is not None:
        return _from_written(written)
    lon, lat = _pick(raw, table, "lon"), _pick(raw, table, "lat")
    if lon is None or lat is None:
        return None
    return _points(lon, lat, table, log)


def _from_written(series: pd.Series) -> NDArray[Any]:
    """Build geometries from a column of WKT texts or WKB bytes; what is neither becomes None."""
    values = series.astype(object).where(series.notna(), None).to_numpy()
    is_text = np.array([isinstance(value, str) for value in values], dtype=bool)
    is_bytes = np.array([isinstance(value, bytes) for value in values], dtype=bool)
    built = np.full(len(values), None, dtype=object)
    built[is_text] = shapely.from_wkt(values[is_text], on_invalid="ignore")
    built[is_bytes] = shapely.from_wkb(values[is_bytes], on_invalid="ignore")
    return built


def _points(lon: pd.Series, lat: pd.Series, table: Table, log: FaultLog) -> NDArray[Any]:
    """Build points; where a coordinate is missing the point is None, where it is no number that is a fault."""
    numbers = {
        name: parse_numbers(series, largest=_LARGEST_COORDINATE) for name, series in (("lon", lon), ("lat", lat))
    }
    for name, parsed in numbers.items():
        bad = np.flatnonzero(parsed.is_text) + 1
        if len(bad):
            log.add("text-coordinate", table.layer, name, rows=[f"row {row}" for row in bad], file=table.file)
    x, y = numbers["lon"].amounts, numbers["lat"].amounts
    known = np.isfinite(x) & np.isfinite(y)
    points = np.full(len(x), None, dtype=object)
    points[known] = shapely.points(x[known], y[known])
    return points
