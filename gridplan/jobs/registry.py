"""
The sources that the service may plan from: an operator names them, callers choose by name and never by path.

A TOML file::

    [wucui]
    path = "wucui.gpkg"      # relative to this file
    scope = "230718"         # prefix of all its community codes; keys of wider or the same scope may use it
    title = "乌翠区"
    accept = []              # codes of faults to accept
    estimate = false
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridplan.errors import RulesError
from gridplan.schema import nearest

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPES: Mapping[str, type] = {"path": str, "scope": str, "title": str, "accept": list, "estimate": bool}


@dataclass(frozen=True)
class Registered:
    """
    A source that callers may name.

    Parameters
    ----------
    name
        As callers name it: letters, digits, ``_`` and ``-``.
    path
        The source.
    scope
        Prefix of all its community codes.
    title
        What people call it.
    accept, estimate
        As of `gridplan.sources.read_source`.
    """

    name: str
    path: Path
    scope: str
    title: str = ""
    accept: tuple[str, ...] = ()
    estimate: bool = False


def read_registry(path: Path | None) -> dict[str, Registered]:
    """
    Read the sources that an operator registered.

    Parameters
    ----------
    path
        The TOML file; None registers nothing.

    Returns
    -------
    sources
        By name.

    Raises
    ------
    RulesError
        If the file cannot be read or says something that it should not; all faults at once.
    """
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RulesError(f"{path}: no readable TOML file of registered sources: {error}") from error
    faults = [fault for name, table in tables.items() for fault in _faults(name, table)]
    if faults:
        raise RulesError(f"{path}: " + "; ".join(faults))
    return {name: _registered(name, table, path.absolute().parent) for name, table in tables.items()}


def _registered(name: str, table: Mapping[str, Any], folder: Path) -> Registered:
    own = {"path": folder / table["path"], "accept": tuple(map(str, table.get("accept", ())))}
    return Registered(**{**table, **own, "name": name})


def _faults(name: str, table: Any) -> list[str]:
    if not _NAME.fullmatch(name):
        return [f"[{name}]: expected a name of up to 64 letters, digits, _ and -"]
    if not isinstance(table, dict):
        return [f"{name}: expected a table with path and scope"]
    faults = [f"[{name}] lacks {key}" for key in ("path", "scope") if key not in table]
    for key, value in table.items():
        if key not in _TYPES:
            faults.append(f"[{name}] knows no {key!r}; did you mean {nearest(key, _TYPES) or ', '.join(_TYPES)}?")
        elif not isinstance(value, _TYPES[key]):
            faults.append(f"[{name}] {key}: expected {_TYPES[key].__name__}; found {value!r}")
    return faults
