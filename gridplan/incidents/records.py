"""Records of a register, read from a table of any kind into one shape; what cannot be an incident is named."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.datum import to_wgs84
from gridplan.errors import IncidentError
from gridplan.incidents.geofiles import PLACE, is_geofile, read_geofile
from gridplan.incidents.handling import Handling
from gridplan.incidents.mapping import Layout
from gridplan.incidents.times import parse_times
from gridplan.locate.tables import read_pieces
from gridplan.sources.columns import as_text, parse_flags, parse_numbers

# A zipped table may unfold to so many bytes: enough for some millions of rows.
MOST_BYTES = 4_000_000_000
_GZIP = b"\x1f\x8b"
_TEXTS = ("category", "level", "status", "rating", "address", "community", "reporter", "phone", "words")
_RATINGS = {
    "satisfied": "satisfied", "满意": "satisfied", "非常满意": "satisfied", "very satisfied": "satisfied",
    "basic": "basic", "基本满意": "basic", "一般": "basic", "neutral": "basic",
    "unsatisfied": "unsatisfied", "不满意": "unsatisfied", "dissatisfied": "unsatisfied",
}  # fmt: skip
_MET = {"ontime": 1.0, "on time": 1.0, "按时": 1.0, "overdue": 0.0, "late": 0.0, "超时": 0.0, "逾期": 0.0}


@dataclass(frozen=True)
class Records:
    """
    Records of a register.

    Parameters
    ----------
    frame
        One row each, by its order in the table: ``source_id, reported_at, closed_at, due_at`` (UTC), ``category``
        (code, "" where unknown), ``category_said, level, on_time`` (1.0, 0.0, NaN), ``rating, minutes, lon, lat``
        (WGS 84), ``lon_said, lat_said, address, community, reporter, phone, words`` ("" for none), ``closed``.
    rejected
        Rows (from 1) that cannot be incidents, by reason: ``no_id, no_time, time_in_the_future``.
    remarks
        Counts of what is odd and was kept: ``closed_before_reported, unknown_category, repeated``.
    columns
        The columns that were read, by ours.
    n_rows
        Rows of the table.
    """

    frame: pd.DataFrame
    rejected: Mapping[str, list[int]]
    remarks: Mapping[str, int]
    columns: Mapping[str, tuple[str, ...]]
    n_rows: int


def read_records(path: Path, layout: Layout, handling: Handling, now: datetime) -> Records:
    """
    Read a table of incidents.

    Parameters
    ----------
    path
        CSV, Excel or Parquet, also zipped (``.gz``); or a layer of points of a GeoPackage, shapefile, GeoJSON,
        FlatGeobuf or GML, whose points go before columns of longitude and latitude unless the layout names these.
    layout
        Which column is what.
    handling
        Categories, levels and time zone.
    now
        The moment, aware; what was reported later is rejected.

    Raises
    ------
    LocateError, InputError
        If the file is no table, or its layer cannot be read.
    IncidentError
        If a column is not found.
    """
    if is_geofile(path):
        rows = read_geofile(path, layout.layer)
        own = {name: name for name in PLACE if name in rows}
        return records_of(rows, replace(layout, columns={**own, **layout.columns}), handling, now)
    with _unzipped(path) as plain, read_pieces(plain) as table:
        columns = layout.find(table.names)
        wanted = list(dict.fromkeys(name for names in columns.values() for name in names))
        pieces = [piece[wanted] for piece in table.pieces]
    frame = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=wanted)
    return records_of(frame, layout, handling, now, columns)


def records_of(
    frame: pd.DataFrame,
    layout: Layout,
    handling: Handling,
    now: datetime,
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> Records:
    """
    Read records from a frame.

    Parameters
    ----------
    frame
        Columns of the register.
    layout, handling, now
        As for `read_records`.
    columns
        As `Layout.find` returns them; found where None.

    Raises
    ------
    IncidentError
        If a column is not found.
    """
    columns = layout.find([str(name) for name in frame.columns]) if columns is None else columns
    made = _frame(frame, layout, handling, columns)
    rejected = _rejected(made, now)
    bad = np.zeros(len(made), dtype=bool)
    for rows in rejected.values():
        bad[np.asarray(rows, dtype=int) - 1] = True
    kept = made[~bad]
    once = kept.drop_duplicates("source_id", keep="last")
    remarks = {
        "closed_before_reported": int((once["closed_at"] < once["reported_at"]).sum()),
        "unknown_category": int((once["category"] == "").sum()),
        "repeated": len(kept) - len(once),
    }
    return Records(once.reset_index(drop=True), rejected, remarks, columns, len(frame))


def _frame(
    raw: pd.DataFrame, layout: Layout, handling: Handling, columns: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    def text(ours: str) -> pd.Series:
        if ours in columns:
            parts = [as_text(raw[name]).fillna("") for name in columns[ours]]
            return parts[0] if len(parts) == 1 else parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=" ").str.strip()
        return pd.Series([layout.constants.get(ours, "")] * len(raw), index=raw.index, dtype=object)

    zone = layout.zone or handling.calendar.zone
    made = pd.DataFrame({"source_id": text("source_id")})
    for name in ("reported_at", "closed_at", "due_at"):
        made[name] = parse_times(text(name), zone, day_first=layout.day_first)
    for name in _TEXTS:
        made[name] = text(name)
    made["category_said"] = made["category"]
    made["category"] = _codes(made["category"], layout, handling)
    made["level"] = _levels(made, raw, columns, handling)
    made["rating"] = made["rating"].str.casefold().map(_RATINGS).fillna("")
    made["on_time"] = _on_time(text("on_time"))
    made["minutes"] = _numbers(text("minutes"))
    made["closed"] = made["closed_at"].notna() | _is_closed(made["status"], layout)
    return made.join(_places(text("lon"), text("lat"), layout))


def _codes(said: pd.Series, layout: Layout, handling: Handling) -> pd.Series:
    known = {name: layout.categories.get(name) or handling.categories.code_of(name) for name in said.unique()}
    wrong = sorted({code for code in known.values() if code and code not in handling.categories})
    if wrong:
        raise IncidentError(f"categories: the layout names codes that do not exist: {', '.join(wrong)}")
    return said.map(known)


def _levels(
    made: pd.DataFrame, raw: pd.DataFrame, columns: Mapping[str, tuple[str, ...]], handling: Handling
) -> pd.Series:
    """Return levels: what the register says, else emergency where it is urgent, else the category's."""
    names = {name: code for code, level in handling.levels.items() for name in (code, level.label.zh, level.label.en)}
    said = made["level"].map(names).fillna("")
    default = made["category"].map({c: handling.categories.level(c, "") for c in made["category"].unique()})
    found = said.where(said != "", default.where(default != "", handling.default_level))
    if "urgent" in columns and "emergency" in handling.levels:
        urgent = parse_flags(raw[columns["urgent"][0]])[0].eq(other=True)
        found = found.mask(urgent & (said == ""), "emergency")
    return found


def _on_time(said: pd.Series) -> pd.Series:
    flags, _ = parse_flags(said)
    known = said.str.casefold().map(_MET)
    return known.where(known.notna(), pd.to_numeric(flags, errors="coerce")).astype(float)


def _is_closed(status: pd.Series, layout: Layout) -> pd.Series:
    return status.str.casefold().isin([word.casefold() for word in layout.closed])


def _numbers(texts: pd.Series) -> NDArray[np.float64]:
    return parse_numbers(texts.where(texts != "", None)).amounts


def _places(lon: pd.Series, lat: pd.Series, layout: Layout) -> pd.DataFrame:
    """Return coordinates as said, and in WGS 84."""
    said = np.column_stack([_numbers(lon), _numbers(lat)])
    # Registers write nought where they know nothing.
    said[(said == 0).all(axis=1)] = np.nan
    there = ~np.isnan(said).any(axis=1)
    place = np.full_like(said, np.nan)
    place[there] = np.column_stack(to_wgs84(said[there, 0], said[there, 1], layout.datum))
    return pd.DataFrame(
        {"lon": place[:, 0], "lat": place[:, 1], "lon_said": said[:, 0], "lat_said": said[:, 1]}, index=lon.index
    )


def _rejected(made: pd.DataFrame, now: datetime) -> dict[str, list[int]]:
    """Return the rows that cannot be incidents, by the first reason that holds."""
    reasons: dict[str, Any] = {
        "no_id": made["source_id"] == "",
        "no_time": made["reported_at"].isna(),
        "time_in_the_future": made["reported_at"] > pd.Timestamp(now),
    }
    left, found = np.ones(len(made), dtype=bool), {}
    for reason, wrong in reasons.items():
        rows = left & wrong.to_numpy()
        found[reason] = (np.flatnonzero(rows) + 1).tolist()
        left &= ~rows
    return found


@contextmanager
def _unzipped(path: Path) -> Iterator[Path]:
    """Give the path of a table, unfolded where it is zipped."""
    with TemporaryDirectory(prefix="gridplan-") as folder:
        if _is_gzip(path):
            plain = Path(folder) / path.stem
            with gzip.open(path) as source, plain.open("wb") as target:
                shutil.copyfileobj(_Bounded(source, MOST_BYTES), target)
            path = plain
        yield path


def _is_gzip(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


class _Bounded:
    """A stream that refuses to give more than so many bytes."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._left, self._most = stream, most, most

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        data: bytes = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise IncidentError(f"the zipped table unfolds to more than {self._most} bytes; import it in parts")
        return data
