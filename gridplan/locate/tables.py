"""Tables of any length in pieces: CSV, Parquet and Excel in; CSV and Parquet out, complete or not at all."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gridplan.errors import LocateError
from gridplan.sources.encoding import encoding_of_text
from gridplan.sources.sniff import Format, detect
from gridplan.sources.unpack import UnsafeArchiveError, check_workbook

#: Rows that are in memory at a time.
PIECE_ROWS = 50_000
READABLE, WRITABLE = (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm"), (".csv", ".parquet")
# What readers raise for a broken table, at its beginning or further down.
_BROKEN = (
    UnicodeDecodeError,
    UnsafeArchiveError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    pa.ArrowInvalid,
    zipfile.BadZipFile,
)
_FORMATS = {Format.CSV, Format.PARQUET, Format.EXCEL}


@dataclass(frozen=True)
class Pieces:
    """
    A table that is read piece by piece.

    Parameters
    ----------
    names
        Names of the columns, as the file has them.
    n_rows
        Number of rows where the file tells, else None.
    pieces
        Its rows; every piece has a RangeIndex that goes on where the last ended.
    """

    names: list[str]
    n_rows: int | None
    pieces: Iterator[pd.DataFrame]


@contextmanager
def read_pieces(path: Path, *, piece_rows: int = PIECE_ROWS) -> Iterator[Pieces]:
    """
    Open a table.

    Parameters
    ----------
    path
        CSV (UTF-8, UTF-16 or GB18030; comma, semicolon or tab), Parquet, or Excel (its first sheet).
    piece_rows
        Rows in a piece.

    Raises
    ------
    LocateError
        If there is no such file, or it is none of these, or its texts are in no encoding known.
    """
    kind = _format(path)
    try:
        with _OPENERS[kind](path, piece_rows) as opened:
            yield opened
    except _BROKEN as error:
        msg = f"{path}: expected a table; it cannot be read: {str(error).splitlines()[0]}"
        raise LocateError(msg) from error


def _format(path: Path) -> Format:
    if not path.is_file():
        msg = f"{path}: expected a file; found none. Check the path."
        raise LocateError(msg)
    kind, content = detect(path)
    if kind not in _FORMATS or kind is None:
        msg = f"{path}: expected a table ({', '.join(READABLE)}); found {content}. Save it as one of these."
        raise LocateError(msg)
    return kind


@contextmanager
def _open_csv(path: Path, piece_rows: int) -> Iterator[Pieces]:
    encoding = encoding_of_text(path).encoding
    if encoding is None:
        msg = f"{path}: expected texts in UTF-8 or GB18030; found neither. Save the file in UTF-8."
        raise LocateError(msg)
    with path.open(encoding=encoding) as stream:
        header = stream.readline()
    options: dict[str, Any] = {"sep": max(",;\t", key=header.count), "encoding": encoding, "dtype": str}
    options |= {"keep_default_na": False, "na_values": [""], "index_col": False}
    with pd.read_csv(path, chunksize=piece_rows, **options) as pieces:
        names = pd.read_csv(path, nrows=0, **options).columns
        yield Pieces([str(name) for name in names], None, iter(pieces))


@contextmanager
def _open_parquet(path: Path, piece_rows: int) -> Iterator[Pieces]:
    with pq.ParquetFile(path) as file:
        names = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
        begin = 0

        def pieces() -> Iterator[pd.DataFrame]:
            nonlocal begin
            for batch in file.iter_batches(batch_size=piece_rows, columns=names):
                frame = batch.to_pandas()
                yield frame.set_axis(pd.RangeIndex(begin, begin + len(frame)))
                begin += len(frame)

        yield Pieces(names, file.metadata.num_rows, pieces())


@contextmanager
def _open_excel(path: Path, piece_rows: int) -> Iterator[Pieces]:
    import openpyxl

    check_workbook(path)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        names = [str(name).strip() if name is not None else f"column {at}" for at, name in enumerate(next(rows, ()), 1)]
        total = book.worksheets[0].max_row
        yield Pieces(names, None if total is None else max(total - 1, 0), _excel_pieces(rows, names, piece_rows))
    finally:
        book.close()


def _excel_pieces(rows: Iterator[tuple[Any, ...]], names: list[str], piece_rows: int) -> Iterator[pd.DataFrame]:
    begin, held = 0, []
    for row in rows:
        if any(value is not None for value in row):
            held.append(row[: len(names)])
        if len(held) == piece_rows:
            yield pd.DataFrame(held, columns=names, dtype=object, index=pd.RangeIndex(begin, begin + len(held)))
            begin, held = begin + len(held), []
    if held:
        yield pd.DataFrame(held, columns=names, dtype=object, index=pd.RangeIndex(begin, begin + len(held)))


_OPENERS: dict[Format, Callable[[Path, int], Any]] = {
    Format.CSV: _open_csv,
    Format.PARQUET: _open_parquet,
    Format.EXCEL: _open_excel,
}


@contextmanager
def write_pieces(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """
    Open a table to be written piece by piece; it appears when all is written, and not at all after an error.

    Parameters
    ----------
    path
        CSV (UTF-8 with a mark, which Excel needs) or Parquet; its folder must exist.

    Raises
    ------
    LocateError
        If the name ends in neither ``.csv`` nor ``.parquet``, or the folder does not exist.
    """
    check_output(path)
    path = path.absolute()
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        with (_write_csv if path.suffix.lower() == ".csv" else _write_parquet)(draft) as write:
            yield write
        os.replace(draft, path)


def check_output(path: Path) -> None:
    """
    Refuse an output that could not be written, before any work is done.

    Parameters
    ----------
    path
        As of :func:`write_pieces`.

    Raises
    ------
    LocateError
        As :func:`write_pieces`.
    """
    if path.suffix.lower() not in WRITABLE:
        msg = f"{path}: expected a name that ends in {' or '.join(WRITABLE)}; found {path.suffix or 'no ending'}."
        raise LocateError(msg)
    if not path.absolute().parent.is_dir():
        msg = f"{path}: the folder {path.absolute().parent} does not exist; make it first."
        raise LocateError(msg)


@contextmanager
def _write_csv(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        begun = False

        def write(piece: pd.DataFrame) -> None:
            nonlocal begun
            piece.to_csv(stream, index=False, header=not begun, lineterminator="\n")
            begun = True

        yield write


@contextmanager
def _write_parquet(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    writer: Any = None

    def write(piece: pd.DataFrame) -> None:
        nonlocal writer
        # The first piece decides the types; a column that is empty there is text.
        schema = None if writer is None else writer.schema
        table = pa.Table.from_pandas(_typed(piece), schema=schema, preserve_index=False)
        if writer is None:
            writer = pq.ParquetWriter(path, _without_null(table.schema))
            table = table.cast(writer.schema)
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def _typed(piece: pd.DataFrame) -> pd.DataFrame:
    """Return a piece whose columns of mixed objects, such as Excel gives, are text."""
    mixed = [
        name
        for name in piece.columns
        if piece[name].dtype == object and not piece[name].dropna().map(lambda value: isinstance(value, str)).all()
    ]
    texts = {name: piece[name].map(lambda value: None if pd.isna(value) else str(value)) for name in mixed}
    return piece.assign(**texts).astype(dict.fromkeys(mixed, object)) if mixed else piece


def _without_null(schema: Any) -> Any:
    fields = [pa.field(each.name, pa.string()) if pa.types.is_null(each.type) else each for each in schema]
    return pa.schema(fields)
