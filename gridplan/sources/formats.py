"""One foreign table as it is: attributes, geometry and what the file says of its CRS, by format."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.schema import nearest
from gridplan.sources import encoding as encodings
from gridplan.sources import gdal, unpack
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table
from gridplan.sources.sniff import SUFFIXES, Format, detect, states_crs
from gridplan.sources.unpack import (
    UnsafeArchiveError,
    check_workbook,
    unpack_gzip,
    unpack_zip,
)

# Texts that a reader of URLs or of virtual files would take for something else than a path.
_NOT_A_PATH = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+:|/vsi)")

# Ledgers carry a title, a date and merged headings above the names of their columns.
_TITLE_ROWS = 10


@dataclass(frozen=True)
class RawTable:
    """
    A table with its own column names.

    Parameters
    ----------
    frame
        Attributes, RangeIndex.
    geometry
        Shapely geometries or None per row, shape (n_rows,); None where the table has no geometry.
    crs
        CRS that the file gives, or None.
    crs_stated
        Whether the file itself says so; False for GeoJSON, which is WGS 84 where it says nothing.
    """

    frame: pd.DataFrame
    geometry: NDArray[Any] | None = None
    crs: CRS | None = None
    crs_stated: bool = True


class _RefusedError(Exception):
    """A table that cannot be read; carries the fault's code and parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read_table(table: Table, log: FaultLog) -> RawTable | None:
    """
    Read one foreign table, or log why it cannot be read.

    Parameters
    ----------
    table
        Where it is.
    log
        Takes faults and decisions.
    """
    try:
        with TemporaryDirectory(prefix="gridplan-") as folder:
            path, kind = _open(table, Path(folder))
            return _READERS[kind](path, table, log)
    except _RefusedError as refused:
        log.add(refused.code, table.layer, file=table.file, **refused.params)
    # What readers raise on a broken file is theirs to choose (GDAL, Arrow, zip, XML, ...): any of it means unreadable.
    except Exception as error:
        log.add("file-unreadable", table.layer, file=table.file, reason=_first_line(error))
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _open(table: Table, folder: Path) -> tuple[Path, Format]:
    """Return the file to read and its format, unpacked into ``folder`` where need be."""
    path = existing_file(table.path, table.file)
    kind = _format(path)
    try:
        if kind is Format.ZIP:
            path = unpack_zip(path, folder, table.sublayer)
            kind = _format(path)
        elif kind is Format.GZIP:
            path = unpack_gzip(path, folder)
            kind = _format(path)
        if kind is Format.EXCEL:
            check_workbook(path)
    except UnsafeArchiveError as error:
        raise _RefusedError("archive-refused", reason=str(error)) from error
    if kind in {Format.ZIP, Format.GZIP}:
        raise _RefusedError("archive-refused", reason="an archive within an archive")
    return path, kind


def existing_file(path: Path, written: str) -> Path:
    """
    Return a path that is a plain local file.

    Parameters
    ----------
    path
        The path, absolute.
    written
        The path as the planner wrote it.
    """
    if _NOT_A_PATH.match(written) or str(path).startswith("/vsi"):
        raise _RefusedError("path-refused")
    if path.is_file():
        return path.resolve()
    folder, name = path.parent, path.name
    while not folder.is_dir():  # a slip in a folder's name
        folder, name = folder.parent, folder.name
    raise _RefusedError("file-missing", nearest=nearest(name, [each.name for each in folder.iterdir()]) or "-")


def _format(path: Path) -> Format:
    if path.suffix.lower() not in SUFFIXES:
        raise _RefusedError("format-unknown", known=" ".join(SUFFIXES), value=path.suffix or path.name)
    kind, content = detect(path)
    if kind is None:
        raise _RefusedError("file-not-what-it-says", named=SUFFIXES[path.suffix.lower()].value, content=content)
    return kind


def _read_layered(path: Path, table: Table, log: FaultLog) -> RawTable:
    """Read GeoPackage or GML, which hold several layers."""
    names = gdal.layer_names(path)
    options = {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"} if path.suffix.lower() == ".gml" else {}
    return _from_gdal(path, table, log, layer=_choose(names, table), **options)


def _choose(names: list[str], table: Table) -> str:
    """Return the layer or sheet meant: the one named, the only one, or the one with the contract's name."""
    if table.sublayer is not None:
        if table.sublayer in names:
            return table.sublayer
        hint = nearest(table.sublayer, names) or ", ".join(names)
        raise _RefusedError("sublayer-missing", value=table.sublayer, nearest=hint)
    if len(names) == 1:
        return names[0]
    if table.layer in names:
        return table.layer
    raise _RefusedError("sublayer-not-named", names=", ".join(names))


def _read_single(path: Path, table: Table, log: FaultLog) -> RawTable:
    return _from_gdal(path, table, log)


def _from_gdal(path: Path, table: Table, log: FaultLog, **options: Any) -> RawTable:
    frame, remarks = gdal.read_layer(path, **options)
    for remark in remarks:
        log.add("reader-remark", table.layer, file=table.file, text=remark)
    raw = _split(frame)
    if path.suffix.lower() in {".geojson", ".json"} and not states_crs(path):
        return RawTable(raw.frame, raw.geometry, raw.crs, crs_stated=False)
    return raw


def _split(frame: pd.DataFrame) -> RawTable:
    """Part the active geometry from the attributes; other geometry columns are left out."""
    frame = frame.reset_index(drop=True)
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawTable(frame)
    geometry = np.asarray(frame.geometry.array, dtype=object)
    plain = pd.DataFrame(frame.drop(columns=frame.columns[frame.dtypes == "geometry"]))
    return RawTable(plain, geometry, frame.crs)


def _read_shapefile(path: Path, table: Table, log: FaultLog) -> RawTable:
    dbf = next((each for each in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if each.is_file()), None)
    if dbf is None:
        raise _RefusedError("file-missing", nearest=path.with_suffix(".dbf").name)
    choice = encodings.encoding_of_dbf(dbf) if table.encoding is None else encodings.Choice(table.encoding)
    # An empty ENCODING turns GDAL's recoding off: each byte comes through as one character.
    raw = _from_gdal(path, table, log, ENCODING="")
    encoding = _say_encoding(choice, table, log)
    return RawTable(_decoded(raw.frame, encoding), raw.geometry, raw.crs)


def _decoded(frame: pd.DataFrame, encoding: str) -> pd.DataFrame:
    try:
        return encodings.decode_columns(frame, encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _RefusedError("encoding-wrong", encoding=encoding, reason=_first_line(error)) from error


def _say_encoding(choice: encodings.Choice, table: Table, log: FaultLog) -> str:
    if choice.encoding is None:
        raise _RefusedError("encoding-unknown", declared=choice.declared or "-")
    if choice.plain or table.encoding is not None:
        return choice.encoding
    if choice.declared is not None and choice.declared != choice.encoding:
        log.add(
            "encoding-contradicted", table.layer, file=table.file, declared=choice.declared, encoding=choice.encoding
        )
    elif choice.declared is None:
        log.add("encoding-chosen", table.layer, file=table.file, encoding=choice.encoding)
    else:
        log.add("encoding-declared", table.layer, file=table.file, encoding=choice.encoding)
    return choice.encoding


def _read_parquet(path: Path, _table: Table, _log: FaultLog) -> RawTable:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    size = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    # Asked for here and not before: a service sets bounds of its own.
    if size > unpack.MAX_BYTES:
        raise _RefusedError("archive-refused", reason=f"unpacks to more than {unpack.MAX_BYTES >> 20} MiB")
    if b"geo" in (metadata.metadata or {}):
        return _split(gpd.read_parquet(path))
    return _split(pd.read_parquet(path))


def _read_csv(path: Path, table: Table, log: FaultLog) -> RawTable:
    choice = encodings.Choice(table.encoding) if table.encoding else encodings.encoding_of_text(path)
    encoding = _say_encoding(choice, table, log)
    with path.open(encoding=encoding) as stream:
        header = stream.readline()
    frame = pd.read_csv(
        path,
        dtype=str,
        encoding=encoding,
        sep=max(",;\t", key=header.count),
        keep_default_na=False,
        na_values=[""],
        index_col=False,
    )
    return _tidy(frame)


def _read_excel(path: Path, table: Table, log: FaultLog) -> RawTable:
    with warnings.catch_warnings():
        # openpyxl remarks on styles and validations that it leaves out; only values are read here.
        warnings.simplefilter("ignore", UserWarning)
        with pd.ExcelFile(path, engine="openpyxl", engine_kwargs={"read_only": True}) as book:
            sheet = _choose([str(name) for name in book.sheet_names], table)
            frame = pd.read_excel(book, sheet_name=sheet, dtype=object, keep_default_na=False, na_values=[""])
    return _tidy(_below_titles(frame, table, log))


def _below_titles(frame: pd.DataFrame, table: Table, log: FaultLog) -> pd.DataFrame:
    """Return a sheet from the row of its column names on, where ledgers have titles or merged headings above it."""
    wanted = {each for theirs in table.columns.values() for each in theirs}
    if not wanted or wanted & {str(name).strip() for name in frame.columns}:
        return frame
    for at in range(min(len(frame), _TITLE_ROWS)):
        names = frame.iloc[at].dropna().map(lambda name: str(name).strip())
        if wanted <= set(names):
            log.add("header-below-title", table.layer, file=table.file, value=at + 2)
            return frame.iloc[at + 1 :][names.index].set_axis(names.tolist(), axis=1)
    return frame


def _tidy(frame: pd.DataFrame) -> RawTable:
    """Drop rows that are empty altogether, such as Excel keeps below a table, and blanks around names."""
    frame = frame.dropna(how="all").reset_index(drop=True)
    end = len(frame)
    # Blanks typed below a table look empty too.
    while end and not frame.iloc[end - 1].dropna().astype(str).str.strip().any():
        end -= 1
    names = pd.Series(frame.columns).map(lambda name: str(name).strip())
    # As pandas names columns that come again; one name for two would make a table of each.
    again = names.groupby(names).cumcount()
    return RawTable(frame.iloc[:end].set_axis(names.where(again == 0, names + "." + again.astype(str)), axis=1))


_READERS: dict[Format, Callable[[Path, Table, FaultLog], RawTable]] = {
    Format.GEOPACKAGE: _read_layered,
    Format.GML: _read_layered,
    Format.GEOJSON: _read_single,
    Format.FLATGEOBUF: _read_single,
    Format.SHAPEFILE: _read_shapefile,
    Format.PARQUET: _read_parquet,
    Format.CSV: _read_csv,
    Format.EXCEL: _read_excel,
}
