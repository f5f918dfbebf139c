"""What a source is made of: the tables behind each layer, from a GeoPackage's own layers or from a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridplan.datum import DATUMS, Datum
from gridplan.schema import LAYERS, nearest
from gridplan.sources.log import FaultLog

_TOP_KEYS = ("source", "layers", "rules")
_SOURCE_TYPES: Mapping[str, type] = {
    "crs": str,
    "datum": str,
    "households_are": str,
    "notice": str,
    "accept": list,
    "estimate": bool,
}
_TABLE_TYPES: Mapping[str, type] = {
    "path": str,
    "layer": str,
    "encoding": str,
    "columns": dict,
    "constants": dict,
    "keep": dict,
    "crs": str,
    "datum": str,
    "database": str,
    "table": str,
}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Table:
    """
    One foreign table that feeds one layer.

    Parameters
    ----------
    layer
        Layer of the contract.
    path
        File, absolute.
    file
        The path as the planner wrote it, for messages.
    sublayer
        Layer or sheet inside the file, or None for the only one.
    encoding
        Encoding of texts, or None to find out.
    columns
        Names in the file by names of the contract; the texts of several are joined by a blank.
    constants
        Values of columns that the file lacks.
    keep
        Values by column; rows with other values are left out. An empty text stands for no value.
    crs, datum
        Frame of the coordinates, or None.
    """

    layer: str
    path: Path
    file: str
    sublayer: str | None = None
    encoding: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    keep: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    crs: str | None = None
    datum: Datum | None = None


@dataclass(frozen=True)
class Manifest:
    """
    A source as its planner describes it.

    Parameters
    ----------
    name
        Stem of the file's name.
    tables
        Tables in the order of the file.
    crs, datum
        Frame of layers that state none, or None.
    households_are
        Which count ``households`` is, or None.
    notice
        What every output must say of the data, or None.
    accept
        Codes of faults to accept.
    estimate
        Whether missing households are estimated.
    rules
        The ``[rules]`` table, untouched.
    """

    name: str
    tables: tuple[Table, ...] = ()
    crs: str | None = None
    datum: Datum | None = None
    households_are: str | None = None
    notice: str | None = None
    accept: tuple[str, ...] = ()
    estimate: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)


def read_manifest(path: Path, log: FaultLog) -> Manifest | None:
    """
    Read the TOML file of a source.

    Parameters
    ----------
    path
        An existing TOML file.
    log
        Takes all faults of the file.

    Returns
    -------
    manifest
        What could be read, or None where nothing could.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        log.add("toml-broken", file=path.name, reason=str(error))
        return None
    _refuse_unknown(content, _TOP_KEYS, "", log)
    source = _typed(_table(content, "source", log), _SOURCE_TYPES, "source", log)
    return Manifest(
        name=path.stem if path.stem != "gridplan" else path.resolve().parent.name,
        tables=_read_tables(_table(content, "layers", log), path.resolve().parent, log),
        crs=source.get("crs"),
        datum=_datum(source.get("datum"), "source.datum", log),
        households_are=source.get("households_are"),
        notice=source.get("notice"),
        accept=tuple(str(code) for code in source.get("accept", ())),
        estimate=source.get("estimate", False),
        rules=_table(content, "rules", log),
    )


def _table(content: Mapping[str, Any], key: str, log: FaultLog) -> dict[str, Any]:
    value = content.get(key, {})
    if isinstance(value, dict):
        return value
    log.add("wrong-value", key=key, expected="[table]", value=value)
    return {}


def _read_tables(layers: Mapping[str, Any], folder: Path, log: FaultLog) -> tuple[Table, ...]:
    _refuse_unknown(layers, tuple(LAYERS), "layers", log)
    tables: list[Table | None] = []
    for name, given in layers.items():
        if name not in LAYERS:
            continue
        several = given if isinstance(given, list) else [given]
        tables.extend(_read_table(name, each, folder, log) for each in several)
    return tuple(table for table in tables if table is not None)


def _read_table(layer: str, given: object, folder: Path, log: FaultLog) -> Table | None:
    place = f"layers.{layer}"
    if not isinstance(given, dict):
        log.add("wrong-value", key=place, expected="[table]", value=given)
        return None
    values = _typed(given, _TABLE_TYPES, place, log)
    if "database" in values or "table" in values:
        log.add("database-unsupported", layer)
        return None
    if "path" not in values:
        log.add("path-not-given", layer, key=f"{place}.path")
        return None
    _check_names(layer, values, log)
    path = _expand(values["path"], layer, log)
    if path is None:
        return None
    return Table(
        layer=layer,
        path=folder / path,
        file=values["path"],
        sublayer=values.get("layer"),
        encoding=values.get("encoding"),
        columns={
            ours: tuple(map(str, theirs)) if isinstance(theirs, list) else (str(theirs),)
            for ours, theirs in values.get("columns", {}).items()
        },
        constants=values.get("constants", {}),
        keep={key: kept if isinstance(kept, list) else [kept] for key, kept in values.get("keep", {}).items()},
        crs=values.get("crs"),
        datum=_datum(values.get("datum"), f"{place}.datum", log),
    )


def _check_names(layer: str, values: Mapping[str, Any], log: FaultLog) -> None:
    known = (*LAYERS[layer].names, *(("geometry", "lon", "lat") if LAYERS[layer].shapes else ()))
    for key in ("columns", "constants"):
        _refuse_unknown(values.get(key, {}), known, f"layers.{layer}.{key}", log)


def _refuse_unknown(given: Mapping[str, Any], known: Sequence[str], place: str, log: FaultLog) -> None:
    for key in given:
        if key not in known:
            hint = nearest(key, known) or ", ".join(known)
            log.add("unknown-key", key=f"{place}.{key}" if place else key, nearest=hint)


def _typed(given: Mapping[str, Any], types: Mapping[str, type], place: str, log: FaultLog) -> dict[str, Any]:
    """Return the values of known keys that have the right type; the rest is a fault each."""
    _refuse_unknown(given, tuple(types), place, log)
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key in types and not isinstance(value, types[key]):
            log.add("wrong-value", key=f"{place}.{key}", expected=types[key].__name__, value=value)
        elif key in types:
            values[key] = value
    return values


def _datum(value: str | None, key: str, log: FaultLog) -> Datum | None:
    if value is None or value in DATUMS:
        return value
    log.add("wrong-value", key=key, expected=" | ".join(DATUMS), value=value)
    return None


def _expand(path: str, layer: str, log: FaultLog) -> str | None:
    """Replace ``${NAME}`` by the environment variable NAME; no other form is expanded."""
    missing = [name for name in _VARIABLE.findall(path) if name not in os.environ]
    for name in missing:
        log.add("variable-unset", layer, value=name, file=path)
    return None if missing else _VARIABLE.sub(lambda match: os.environ[match[1]], path)
