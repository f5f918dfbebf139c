"""A plan read back from its file: every layer in its types, the report beside it, the history of its edits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from gridplan.editing.record import EditRecord
from gridplan.errors import PlanFileError
from gridplan.planlayers import COLUMNS, OPTIONAL, canonical
from gridplan.sources.gdal import layer_names, read_layer
from gridplan.sources.sniff import Format, detect

EDITS = "edits"
#: Columns of the layer ``edits``; the first three of these are JSON.
_JSON = ("parameters", "effects", "delta")
_EDIT_COLUMNS = ("edit_id", "action", "parameters", "author", "at", "reason", "forced", "base", "effects", "delta")
#: Layers that the contract demands of every plan.
_REQUIRED = ("grids", "units", "violations", "lineage")


def report_path(plan: Path) -> Path:
    """
    Return where the report of a plan stands: ``<name>.report.json`` beside it.

    Parameters
    ----------
    plan
        The plan's GeoPackage.
    """
    return plan.with_name(f"{plan.stem}.report.json")


def edits_layer(edits: Iterable[EditRecord]) -> pd.DataFrame:
    """
    Return the layer ``edits``: one row for each edit, what is nested as JSON text.

    Parameters
    ----------
    edits
        Records, oldest first.
    """
    rows = [record.to_dict() for record in edits]
    columns = {
        name: [json.dumps(row[name], ensure_ascii=False) if name in _JSON else row[name] for row in rows]
        for name in _EDIT_COLUMNS
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    return frame.assign(forced=frame["forced"].astype("int64"))


def read_edits(frame: pd.DataFrame) -> tuple[EditRecord, ...]:
    """
    Return the records of a layer ``edits``.

    Parameters
    ----------
    frame
        The layer, as `edits_layer` makes it; nulls stand for empty text.
    """
    rows = frame[list(_EDIT_COLUMNS)].astype(object)
    rows = rows.where(rows.notna(), "")
    return tuple(
        EditRecord.from_dict({name: json.loads(row[name]) if name in _JSON else row[name] for name in _EDIT_COLUMNS})
        for row in rows.to_dict("records")
    )


def read_fields(path: str | Path) -> dict[str, Any]:
    """
    Read what a plan is made of.

    Parameters
    ----------
    path
        GeoPackage that a plan was written to; its report lies beside it.

    Returns
    -------
    fields
        By the names of `gridplan.plan.Plan`.

    Raises
    ------
    PlanFileError
        If the file is none, lacks a layer of the contract, or has no report beside it.
    """
    path = Path(path)
    names = _layers_of(path)
    fields: dict[str, Any] = {"report": _report(path)}
    for layer in COLUMNS:
        if layer in names:
            fields[layer] = canonical(layer, read_layer(path, layer=layer)[0])
        elif layer not in OPTIONAL:
            fields[layer] = canonical(layer, pd.DataFrame())
    if EDITS in names:
        fields[EDITS] = read_edits(read_layer(path, layer=EDITS)[0])
    return fields


def _layers_of(path: Path) -> set[str]:
    if not path.is_file():
        raise PlanFileError(f"{path}: no such file")
    found, words = detect(path)
    if found is not Format.GEOPACKAGE:
        raise PlanFileError(f"{path}: a plan is a GeoPackage (.gpkg); this is {words}")
    names = set(layer_names(path))
    missing = [layer for layer in _REQUIRED if layer not in names]
    if missing:
        raise PlanFileError(
            f"{path}: no plan: layers {', '.join(missing)} are missing; found {', '.join(sorted(names))}"
        )
    return names


def _report(path: Path) -> dict[str, Any]:
    beside = report_path(path)
    try:
        report = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PlanFileError(
            f"{beside}: cannot be read ({error}); the report holds the plan's rules and belongs beside it"
        ) from error
    if not isinstance(report, dict) or "rules" not in report or "measures" not in report:
        raise PlanFileError(f"{beside}: not the report of a plan; expected rules and measures in it")
    return report
