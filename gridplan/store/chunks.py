"""
Rows of a layer as bytes and back, exactly: Arrow streams whose fields say which pandas column each was.

Every number, missing value, type, coordinate and CRS comes back as it went in, from any database, since a database
only ever sees the bytes. Equal rows give equal bytes, so the bytes' SHA-256 names them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gridplan.errors import StoreError

_META = b"gridplan"


def encode(frame: pd.DataFrame, layer: str, cuts: Sequence[tuple[int, int]] | None = None) -> list[dict[str, bytes]]:
    """
    Return pieces of a frame as Arrow streams: the ``values``, and the ``shapes`` where it has geometry.

    Apart, since an edit changes the grid of many cells and the shape of few.

    Parameters
    ----------
    frame
        Columns of numbers, text, times, geometry, or plain JSON values; its index is not kept.
    layer
        Name of the layer, for messages.
    cuts
        First row of each piece, and the row after its last; None for one piece.

    Raises
    ------
    StoreError
        If a column holds values that cannot be kept exactly.
    """
    active = frame._geometry_column_name if isinstance(frame, gpd.GeoDataFrame) else None
    layout = {"order": [str(name) for name in frame.columns], "geometry": active}
    columns = [_column(frame[name], str(name), layer) for name in frame.columns]
    shapes = [column for column in columns if column.meta["kind"] == "wkb"]
    values = [column for column in columns if column.meta["kind"] != "wkb"]
    return [
        {
            "values": _stream(values, begin, end, layout),
            **({"shapes": _stream(shapes, begin, end, {})} if shapes else {}),
        }
        for begin, end in ([(0, len(frame))] if cuts is None else cuts)
    ]


def decode(pieces: Sequence[Mapping[str, bytes]]) -> pd.DataFrame:
    """
    Return the rows of one or more pieces of a layer, one below the other.

    Parameters
    ----------
    pieces
        As `encode` returned them, of the same columns; at least one.
    """
    columns: dict[str, pd.Series] = {}
    for half in pieces[0]:
        columns |= _columns([piece[half] for piece in pieces])
    values = [_open(piece["values"]).schema for piece in pieces]
    layout = _meta(values[0].metadata)
    index = pd.RangeIndex(sum(_meta(schema.metadata)["rows"] for schema in values))
    frame = pd.DataFrame({name: columns[name] for name in layout["order"]}, index=index)
    return frame if layout["geometry"] is None else gpd.GeoDataFrame(frame, geometry=layout["geometry"])


@dataclass(frozen=True)
class _Column:
    """A column, its name, how it is made again, and what can be sliced into Arrow arrays of a type."""

    name: str
    meta: dict[str, Any]
    values: Any
    type: pa.DataType | None

    def array(self, begin: int, end: int) -> pa.Array:
        """Return some rows; made anew, so that equal rows are equal bytes wherever they stood."""
        return pa.array(self.values[begin:end], self.type, from_pandas=self.type is None and _has_nulls(self.values))


def _has_nulls(values: Any) -> bool:
    """Tell whether missing values are nulls: in pandas' own arrays they are, in numpy's NaN is a number."""
    return not isinstance(values, np.ndarray)


def _stream(columns: Sequence[_Column], begin: int, end: int, layout: dict[str, Any]) -> bytes:
    arrays = [column.array(begin, end) for column in columns]
    fields = [
        pa.field(column.name, array.type, metadata={_META: _dumps(column.meta)})
        for column, array in zip(columns, arrays, strict=True)
    ]
    schema = pa.schema(fields, metadata={_META: _dumps({**layout, "rows": end - begin})})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        if arrays:
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    stream: bytes = sink.getvalue().to_pybytes()
    return stream


def _columns(streams: Sequence[bytes]) -> dict[str, pd.Series]:
    tables = [_open(stream).read_all() for stream in streams]
    return {
        name: _series([(table.column(place), _meta(table.schema.field(place).metadata)) for table in tables])
        for place, name in enumerate(tables[0].schema.names)
    }


def _open(stream: bytes) -> pa.RecordBatchStreamReader:
    return pa.ipc.open_stream(stream)


def _column(series: pd.Series, name: str, layer: str) -> _Column:
    meta = {"dtype": str(series.dtype)}
    if isinstance(series, gpd.GeoSeries):
        crs = None if series.crs is None else series.crs.srs
        return _Column(name, {**meta, "kind": "wkb", "crs": crs}, shapely.to_wkb(series.to_numpy()), pa.binary())
    if series.dtype != object:
        own = series.to_numpy() if isinstance(series.dtype, np.dtype) else series.array
        return _Column(name, {**meta, "kind": "plain"}, own, None)
    values = series.to_list()
    if all(value is None or isinstance(value, str) for value in values):
        return _Column(name, {**meta, "kind": "text"}, values, pa.string())
    words = [_json(value, f"{layer}.{name}") for value in values]
    return _Column(name, {**meta, "kind": "json"}, words, pa.string())


def _series(pieces: list[tuple[pa.ChunkedArray, dict[str, Any]]]) -> pd.Series:
    """Return one column from its pieces, which may differ in how they hold Python objects and in nothing else."""
    meta = pieces[0][1]
    if meta["kind"] == "plain":
        chunks = [chunk for column, _ in pieces for chunk in column.chunks]
        return _plain(pa.chunked_array(chunks, pieces[0][0].type), meta["dtype"])
    values = [value for column, each in pieces for value in _objects(column.to_pylist(), each["kind"])]
    if meta["kind"] == "wkb":
        shapes: pd.Series = gpd.GeoSeries(shapely.from_wkb(np.array(values, dtype=object)), crs=meta["crs"])
        return shapes
    return pd.Series(values, dtype=object)


def _plain(column: pa.ChunkedArray, name: str) -> pd.Series:
    """Return a column of one type; pandas' own types read Arrow themselves, else large numbers would pass as floats."""
    dtype = pd.api.types.pandas_dtype(name)
    if hasattr(dtype, "__from_arrow__"):
        return pd.Series(dtype.__from_arrow__(column))
    return pd.Series(column.to_pandas()).astype(dtype)


def _objects(values: list[Any], kind: str) -> list[Any]:
    return [json.loads(value) for value in values] if kind == "json" else values


def _meta(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads(metadata[_META])
    return meta


def _json(value: Any, place: str) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    if not (plain is None or isinstance(plain, bool | int | float | str | list | dict)):
        raise StoreError(
            f"{place}: {value!r} is a {type(value).__name__}, which no store keeps exactly; "
            "expected numbers, text, None, lists or dicts, or a column of one pandas type"
        )
    return _dumps(plain).decode()


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
