"""The user's address table, from a file or a frame, as rows; what is wrong with it is said, all of it at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.address.build import Row
from gridplan.address.strings import Strings
from gridplan.datum import Datum, to_wgs84
from gridplan.errors import InputError
from gridplan.faults import errors_of
from gridplan.sources.columns import as_text
from gridplan.sources.formats import read_table
from gridplan.sources.frames import WGS84, Frame, to_lonlat
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table

Floats = NDArray[np.float64]
#: Other names that tables give to the columns, in the order of preference.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "address_id": ("id", "编号", "地址编号", "地址编码", "标准地址编码", "地址ID"),
    "address": ("text", "full_addr", "full_address", "地址", "标准地址", "详细地址", "地址全称"),
    "building_id": ("楼栋编号", "建筑编号"),
    "aliases": ("alias", "别名", "曾用名", "俗称"),
    "grid_code": ("grid_id", "grid", "网格编码", "网格编号", "所属网格编码", "所属网格"),
    "lon": ("longitude", "lng", "经度"),
    "lat": ("latitude", "纬度"),
}
# China between its rivers and deserts: a longitude in the first range beside a latitude in the second is swapped.
_LATITUDES, _LONGITUDES = (3.0, 54.0), (73.0, 136.0)
_FAR_DEG = 0.005
_PIECE = 50_000


@dataclass(frozen=True)
class AddressTable(Sequence[Row]):
    """
    Rows of a table, column by column and compact: a row is made when it is asked for.

    Parameters
    ----------
    ids, texts, aliases, grids
        One for each row; aliases are joined by ";", "" stands for no grid.
    lon, lat
        WGS 84 degrees, NaN where unknown, shape (n,).
    remarks
        What was found odd and how it was taken, in Chinese and English.
    """

    ids: Strings
    texts: Strings
    aliases: Strings
    grids: Strings
    lon: Floats
    lat: Floats
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        return Row(
            self.ids[place], self.texts[place], _parted(self.aliases[place]), self.grids[place],
            float(self.lon[place]), float(self.lat[place]),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Row]:
        columns = zip(self.ids, self.texts, self.aliases, self.grids, self.lon, self.lat, strict=True)
        for address_id, text, aliases, grid, lon, lat in columns:
            yield Row(address_id, text, _parted(aliases), grid, float(lon), float(lat))


def _parted(aliases: str) -> tuple[str, ...]:
    return tuple(aliases.split(";")) if aliases else ()


def read_addresses(
    source: str | Path | pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    datum: Datum = "wgs84",
) -> AddressTable:
    """
    Read a table of addresses.

    Parameters
    ----------
    source
        A frame, or the path of a JSON lines, CSV, Parquet, GeoPackage, GeoJSON, Shapefile or Excel file.
    columns
        Names in the table by names of the contract, where they are neither these nor known synonyms.
    layer
        Layer or sheet in the file.
    datum
        Datum of ``lon`` and ``lat``, and of a geometry without another frame.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, an id or an address is empty, or an id comes twice.
    """
    log = FaultLog()
    frame, geometry, crs = _raw(source, layer, log)
    if errors_of(log.faults):
        raise InputError(errors_of(log.faults))
    named = {name: _column(frame, name, columns or {}) for name in SYNONYMS}
    _check(named, frame, log)
    if errors_of(log.faults):
        raise InputError(errors_of(log.faults))
    remarks: list[str] = []
    lon, lat = _points(named, geometry, crs, datum, len(frame), remarks)
    ids, texts, grids = (_texts(named[name], len(frame)) for name in ("address_id", "address", "grid_code"))
    _conflicts(texts, lon, lat, remarks)
    aliases = _aliases(named["aliases"], len(frame))
    return AddressTable(ids, texts, aliases, grids, lon, lat, tuple(remarks))


def _raw(source: str | Path | pd.DataFrame, layer: str | None, log: FaultLog) -> tuple[pd.DataFrame, Any, CRS | None]:
    if isinstance(source, pd.DataFrame):
        frame = source.reset_index(drop=True)
        geometry = getattr(frame, "geometry", None) if "geometry" in frame else None
        return frame, None if geometry is None else np.asarray(geometry, dtype=object), getattr(frame, "crs", None)
    path = Path(source)
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _json_lines(path, log), None, None
    raw = read_table(Table("addresses", path.absolute(), str(source), sublayer=layer), log)
    if raw is None:
        return pd.DataFrame(), None, None
    return raw.frame, raw.geometry, raw.crs


def _json_lines(path: Path, log: FaultLog) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return pd.DataFrame([json.loads(line) for line in lines if line.strip()])
    except FileNotFoundError:
        log.add("file-missing", "addresses", file=str(path), nearest="-")
    except (OSError, ValueError) as error:
        log.add("file-unreadable", "addresses", file=str(path), reason=str(error)[:300])
    return pd.DataFrame()


def _column(frame: pd.DataFrame, name: str, columns: Mapping[str, str]) -> pd.Series | None:
    wanted = (columns[name],) if name in columns else (name, *SYNONYMS[name])
    found = next((each for each in wanted if each in frame), None)
    return None if found is None else frame[found]


def _check(named: Mapping[str, pd.Series | None], frame: pd.DataFrame, log: FaultLog) -> None:
    for name in ("address_id", "address"):
        column = named[name]
        if column is None:
            log.add("column-missing", "addresses", name, nearest=", ".join(map(str, frame.columns[:8])) or "-")
            continue
        empty = as_text(column).fillna("").str.strip() == ""
        if empty.any():
            log.add("missing-value", "addresses", name, rows=[int(k) + 1 for k in np.flatnonzero(empty)])
    ids = named["address_id"]
    if ids is not None:
        text = as_text(ids)
        twice = text.duplicated(keep="first") & text.notna()
        if twice.any():
            log.add("duplicate-id", "addresses", "address_id", rows=text[twice].tolist())


def _texts(column: pd.Series | None, count: int) -> Strings:
    if column is None:
        return Strings.of("" for _ in range(count))
    pieces = (column.iloc[first : first + _PIECE] for first in range(0, count, _PIECE))
    return Strings.of(text for piece in pieces for text in as_text(piece).fillna("").str.strip())


def _aliases(column: pd.Series | None, count: int) -> Strings:
    """Return other names: a list, or one text with ";" or "|" between them."""
    values = ("" for _ in range(count)) if column is None else (";".join(_split(value)) for value in column)
    return Strings.of(values)


def _split(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        parts = value.replace("；", ";").replace("|", ";").split(";")
        return tuple(part.strip() for part in parts if part.strip())
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(str(each).strip() for each in value if str(each).strip())
    return ()


def _points(
    named: Mapping[str, pd.Series | None], geometry: Any, crs: CRS | None, datum: Datum, count: int, remarks: list[str]
) -> tuple[Floats, Floats]:
    if geometry is not None:
        points = shapely.point_on_surface(geometry)
        lon, lat = to_lonlat(shapely.get_x(points), shapely.get_y(points), Frame(crs or WGS84, datum))
    elif (east := named["lon"]) is not None and (north := named["lat"]) is not None:
        lon, lat = (pd.to_numeric(each, errors="coerce").to_numpy(dtype=np.float64) for each in (east, north))
        lon, lat = _unswapped(lon, lat, remarks)
        known = np.isfinite(lon) & np.isfinite(lat)
        lon, lat = lon.copy(), lat.copy()
        lon[known], lat[known] = to_wgs84(lon[known], lat[known], datum)
    else:
        return np.full(count, np.nan), np.full(count, np.nan)
    wrong = ~(np.isfinite(lon) & np.isfinite(lat)) | (np.abs(lon) > 180) | (np.abs(lat) > 90)
    if wrong.any():
        remarks.append(f"{int(wrong.sum())} 行没有可用坐标 / {int(wrong.sum())} rows have no usable coordinates")
    return np.where(wrong, np.nan, lon), np.where(wrong, np.nan, lat)


def _unswapped(lon: Floats, lat: Floats, remarks: list[str]) -> tuple[Floats, Floats]:
    """Change back longitudes and latitudes that can only be each other in China, or anywhere."""
    in_china = (lon >= _LATITUDES[0]) & (lon <= _LATITUDES[1]) & (lat >= _LONGITUDES[0]) & (lat <= _LONGITUDES[1])
    swapped = in_china | ((np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90))
    if not swapped.any():
        return lon, lat
    remarks.append(f"{int(swapped.sum())} 行经纬度颠倒，已换回 / {int(swapped.sum())} rows had lon and lat swapped")
    return np.where(swapped, lat, lon), np.where(swapped, lon, lat)


def _conflicts(texts: Strings, lon: Floats, lat: Floats, remarks: list[str]) -> None:
    """Say where one address has points half a kilometre apart; all its rows stay candidates."""
    hashes = pd.Series(np.fromiter(map(hash, texts), dtype=np.int64, count=len(texts)))
    twice = pd.DataFrame({"text": hashes, "lon": lon, "lat": lat})[hashes.duplicated(keep=False)]
    if twice.empty or twice[["lon", "lat"]].isna().all(axis=None):
        return
    spread = twice.groupby("text")[["lon", "lat"]].agg(np.ptp).max(axis=1)
    count = int((spread > _FAR_DEG).sum())
    if count:
        remarks.append(f"{count} 个地址有相距甚远的坐标 / {count} addresses have points far apart")
