"""Reads one file of a caller in a process of its own, within bounds that the system holds; see `api.nursery`."""

from __future__ import annotations

import json
import os
import resource
import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridplan.faults import Fault, errors_of
from gridplan.sources import unpack
from gridplan.sources.columns import as_text
from gridplan.sources.formats import RawTable, read_table
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table

TABLE, FAULTS = "table.parquet", "faults.json"
_HEAD = 1 << 12
_MAGIC = (
    (b"SQLite format 3\x00", ".gpkg"),
    (b"PAR1", ".parquet"),
    (b"fgb\x03fgb", ".fgb"),
    (b"\x1f\x8b", ".csv.gz"),
)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class UploadLimits:
    """
    Bounds on a file of a caller.

    Parameters
    ----------
    unpacked_bytes
        Bytes that it may unpack to, or write.
    rows, vertices
        Rows of its table, and points of all its geometries.
    seconds
        CPU seconds that reading it may take.
    memory_bytes
        Memory beyond what the reading process needs for itself.
    """

    unpacked_bytes: int
    rows: int
    vertices: int
    seconds: int
    memory_bytes: int


class _TooLargeError(Exception):
    """A table with more than may be."""


def suffix_of(path: Path) -> str:
    """
    Return the ending of the name that a file of this content has; readers demand that the two agree.

    Parameters
    ----------
    path
        A file. What is none of the formats is taken for text, and refused as such.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, suffix in _MAGIC:
        if head.startswith(magic):
            return suffix
    if head.startswith(b"PK\x03\x04"):
        return ".xlsx" if _is_workbook(path) else ".zip"
    body = head.removeprefix(_BOM).lstrip()
    return ".geojson" if body.startswith(b"{") else ".gml" if body.startswith(b"<") else ".csv"


def read_within(path: str, layer: str | None, limits: UploadLimits) -> None:
    """
    Read a file and leave beside it the table, or what is wrong with it. Runs in a process of its own.

    Parameters
    ----------
    path
        The file, alone in its folder.
    layer
        Layer or sheet in it; None where there is one.
    limits
        Bounds, which hold from here on for this process.
    """
    folder = Path(path).parent
    _bind(folder, limits)
    told, too_large = _read(Path(path), layer, limits)
    if told:
        (folder / FAULTS).write_text(json.dumps({"faults": told, "too_large": too_large}), "utf-8")
    # Nothing that a hostile file left behind in this process runs at its end.
    os._exit(0)


def _read(path: Path, layer: str | None, limits: UploadLimits) -> tuple[list[dict[str, str]], bool]:
    """Read and write a table; return what is wrong with it, and whether it is too large."""
    log = FaultLog()
    table = read_table(Table("upload", path, "upload", sublayer=layer), log)
    if table is None:
        return [_told(fault) for fault in errors_of(log.faults)], False
    try:
        _write(table, path.parent / TABLE, limits)
    except _TooLargeError as error:
        expected, _, found = str(error).partition("; found ")
        return [{"expected": expected, "found": found}], True
    except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
        found = f"one whose values cannot be kept ({type(error).__name__})"
        return [{"expected": "a table of plain columns", "found": found}], False
    return [], False


def _bind(folder: Path, limits: UploadLimits) -> None:
    """Take from this process all that reading a file does not need."""
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)
    import tempfile

    tempfile.tempdir = str(folder)
    unpack.MAX_BYTES = limits.unpacked_bytes
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, bound in (
        (resource.RLIMIT_AS, held + limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.unpacked_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (bound, bound))


def _write(table: RawTable, path: Path, limits: UploadLimits) -> None:
    """Write a table that is not too large, complete or not at all."""
    if len(table.frame) > limits.rows:
        raise _TooLargeError(f"at most {limits.rows} rows; found {len(table.frame)}")
    draft = path.with_suffix(".part")
    if table.geometry is None:
        _plain(table.frame).to_parquet(draft)
    else:
        count = int(np.sum(shapely.get_num_coordinates(table.geometry)))
        if count > limits.vertices:
            raise _TooLargeError(f"at most {limits.vertices} vertices; found {count}")
        columns = _plain(pd.DataFrame(table.frame).drop(columns="geometry", errors="ignore"))
        gpd.GeoDataFrame(columns, geometry=table.geometry, crs=table.crs).to_parquet(draft)
    draft.rename(path)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns are of one type each: where they are mixed, as in a workbook, they become text."""
    mixed = [name for name in frame.columns if frame[name].dtype == object]
    return frame.assign(**{str(name): as_text(frame[name]) for name in mixed}).rename(columns=str)


def _told(fault: Fault) -> dict[str, str]:
    return {"expected": "a table that can be read", "found": fault.text("en")[:300]}


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
