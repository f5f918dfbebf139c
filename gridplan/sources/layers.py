"""The columns of any layer cleaned by their kinds in the schema; one function per kind of complaint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import Column, Layer, nearest
from gridplan.sources.columns import as_text, lost_digits, parse_flags, parse_numbers
from gridplan.sources.geometry import check_geometry
from gridplan.sources.log import FaultLog

Labels = NDArray[Any]


def clean_layer(rows: pd.DataFrame, layer: Layer, log: FaultLog) -> pd.DataFrame:
    """
    Clean all columns of a layer but ``households``, and its geometry.

    Parameters
    ----------
    rows
        Rows as placed, in any types; columns that the source lacks are absent.
    layer
        The layer.
    log
        Takes all faults.

    Returns
    -------
    rows
        Every column of the contract, in its order and its type, then ``geometry``, ``reported`` and ``label``.
    """
    labels = _labels(rows, layer)
    cleaned: dict[str, Any] = {}
    for column in layer.columns:
        given = rows.get(column.name)
        if given is None or column.kind == "households":
            cleaned[column.name] = given if given is not None else _nothing(column, rows.index)
            continue
        cleaned[column.name] = _clean(given, column, layer, labels, log)
    result = pd.DataFrame(cleaned, index=rows.index).assign(
        geometry=rows["geometry"], reported=rows["reported"], label=labels
    )
    if layer.shapes:
        result = check_geometry(result, layer, labels, log)
    return drop_duplicates(result, layer, log)


def _labels(rows: pd.DataFrame, layer: Layer) -> Labels:
    """Name rows for messages: by id where there is one, else by row number."""
    numbers = rows["row"].astype(object)
    if not layer.ids or layer.ids[0] not in rows:
        return numbers.to_numpy()
    ids = as_text(rows[layer.ids[0]])
    labels: Labels = ids.where(ids.notna(), numbers).to_numpy()
    return labels


def _nothing(column: Column, index: pd.Index) -> pd.Series:
    if column.kind in {"count", "number", "households"}:
        return pd.Series(np.nan, index=index, dtype=np.float64)
    return pd.Series(np.full(len(index), None, dtype=object), index=index, dtype=object)


def _clean(given: pd.Series, column: Column, layer: Layer, labels: Labels, log: FaultLog) -> pd.Series:
    if column.kind in {"count", "number"}:
        return _clean_number(given, column, layer, labels, log)
    if column.kind == "flag":
        flags, other = parse_flags(given)
        complain("not-a-flag", other, layer, column.name, labels, log, value=_sample(given, other))
        return flags
    return _clean_text(given, column, layer, labels, log)


def _clean_text(given: pd.Series, column: Column, layer: Layer, labels: Labels, log: FaultLog) -> pd.Series:
    texts = as_text(given)
    missing = texts.isna().to_numpy(dtype=bool)
    if column.kind == "id":
        complain("empty-id", missing, layer, column.name, labels, log)
        complain("imprecise-id", lost_digits(given), layer, column.name, labels, log)
    elif column.required:
        complain("missing-value", missing, layer, column.name, labels, log)
    if column.choices:
        other = ~missing & ~texts.isin(column.choices).to_numpy(dtype=bool)
        value = _sample(texts, other)
        hint = nearest(value, column.choices) or " | ".join(column.choices)
        complain("unknown-value", other, layer, column.name, labels, log, value=value, nearest=hint)
    return texts


def _clean_number(given: pd.Series, column: Column, layer: Layer, labels: Labels, log: FaultLog) -> pd.Series:
    numbers = parse_numbers(given)
    complain("text-number", numbers.is_text, layer, column.name, labels, log, value=_sample(given, numbers.is_text))
    complain("negative-number", numbers.is_negative, layer, column.name, labels, log)
    if column.kind == "count":
        complain("fractional-number", numbers.is_fractional, layer, column.name, labels, log)
    return pd.Series(numbers.amounts, index=given.index)


def _sample(values: pd.Series, where: NDArray[np.bool_]) -> str:
    return str(values.to_numpy()[where][0])[:60] if where.any() else ""


def complain(
    code: str,
    where: NDArray[np.bool_],
    layer: Layer,
    column: str,
    labels: Labels,
    log: FaultLog,
    **params: Any,
) -> bool:
    """
    Log a fault where there is any row that has it.

    Parameters
    ----------
    code
        Code of the catalogue.
    where
        Rows that have it, shape (n_rows,).
    layer, column
        Where it is.
    labels
        Names of the rows, shape (n_rows,).
    log
        Takes the fault.
    params
        Values for its texts.

    Returns
    -------
    go_on
        False where the run is refused for it.
    """
    if not where.any():
        return True
    return log.add(code, layer.name, column, rows=labels[where].tolist(), **params)


def drop_duplicates(rows: pd.DataFrame, layer: Layer, log: FaultLog) -> pd.DataFrame:
    """
    Log ids that come more than once and keep one row of each, so that the checks can go on.

    Parameters
    ----------
    rows
        Cleaned rows.
    layer
        The layer; one without ids is returned as it is.
    log
        Takes the duplicates.

    Returns
    -------
    rows
        One row per id, RangeIndex. Of several the one with the most households stays, then the one whose
        geometry comes first as bytes: the order of rows in the file decides nothing.
    """
    ids = list(layer.ids)
    if not ids or not len(rows):
        return rows
    repeated = rows.duplicated(ids, keep=False).to_numpy(dtype=bool) & rows[ids].notna().all(axis=1).to_numpy()
    if not repeated.any():
        return rows
    several = rows[repeated]
    households = _households_or_zero(several)
    wkb = [b"" if each is None else each for each in shapely.to_wkb(several["geometry"].to_numpy())]
    order = sorted(range(len(several)), key=lambda at: (-households[at], wkb[at]))
    extra = several.iloc[order].duplicated(ids, keep="first")
    dropped = extra.index[extra]
    lost = int(pd.Series(households, index=several.index).loc[dropped].sum())
    names = several.loc[sorted(dropped), ids].agg(" / ".join, axis=1).drop_duplicates()
    log.add("duplicate-id", layer.name, ids[-1], rows=names.tolist(), count=len(dropped), households=lost)
    return rows.drop(index=dropped).reset_index(drop=True)


def _households_or_zero(rows: pd.DataFrame) -> NDArray[np.float64]:
    if "households" not in rows:
        return np.zeros(len(rows))
    return np.nan_to_num(parse_numbers(rows["households"]).amounts)
