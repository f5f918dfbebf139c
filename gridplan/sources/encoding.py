"""
The encoding of texts in shapefiles and CSV files.

A shapefile may say it in a ``.cpg`` file or in byte 29 of its ``.dbf`` (LDID); many say nothing or say it wrong.
What is declared is tried first, then strict UTF-8, then gb18030, which contains GBK and GB 2312. GDAL's own
recoding garbles undeclared GBK without a word, so texts are read as bytes and decoded here.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Encoding that keeps every byte as one character: the form in which raw texts pass through GDAL.
BYTES = "iso-8859-1"
_GUESSES = ("utf-8", "gb18030")
_CODE_PAGES = {
    "936": "gb18030",
    "cp936": "gb18030",
    "ansi 936": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "65001": "utf-8",
    "950": "cp950",
    "ansi 950": "cp950",
    "big5": "cp950",
}
# Language driver ids that name one code page; 0x57 only says "the system's own" and tells nothing.
_LANGUAGE_DRIVERS = {
    0x03: "cp1252",
    0x13: "cp932",
    0x7B: "cp932",
    0x4D: "gb18030",
    0x7A: "gb18030",
    0x4E: "cp949",
    0x79: "cp949",
    0x4F: "cp950",
    0x78: "cp950",
}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Choice:
    """
    The encoding chosen for a file.

    Parameters
    ----------
    encoding
        Name that Python knows, or None where no candidate decodes the texts.
    declared
        What the file declares, or None.
    plain
        Whether all texts are ASCII, so that nothing had to be chosen.
    """

    encoding: str | None
    declared: str | None = None
    plain: bool = False


def encoding_of_dbf(dbf: Path) -> Choice:
    """
    Choose the encoding of a shapefile's attribute table.

    Parameters
    ----------
    dbf
        The ``.dbf`` file; a ``.cpg`` of the same stem is looked at too.
    """
    texts = _dbf_texts(dbf)
    declared = _declared(dbf)
    if all(text.isascii() for text in texts):
        return Choice(declared or "utf-8", declared, plain=True)
    return Choice(_first_that_decodes(texts, declared), declared)


def encoding_of_text(path: Path) -> Choice:
    """
    Choose the encoding of a text file: a byte order mark, strict UTF-8, then gb18030.

    Parameters
    ----------
    path
        A CSV file; read once in pieces.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Choice("utf-16", "utf-16")
    if head.startswith(codecs.BOM_UTF8):
        return Choice("utf-8-sig" if _decodes(_pieces(path), "utf-8-sig") else None, "utf-8-sig")
    for encoding in ("ascii", *_GUESSES):
        if _decodes(_pieces(path), encoding):
            return Choice("utf-8" if encoding == "ascii" else encoding, plain=encoding == "ascii")
    return Choice(None)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _decodes(pieces: Iterable[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decode_columns(frame: pd.DataFrame, encoding: str) -> pd.DataFrame:
    """
    Decode the texts and column names of a frame that was read as bytes.

    Parameters
    ----------
    frame
        Attributes as read with :data:`BYTES`.
    encoding
        The true encoding.

    Returns
    -------
    frame
        With every text decoded. A character cut in two at the end of a field, as writers of ``.dbf`` do, is dropped.

    Raises
    ------
    UnicodeDecodeError
        If a text does not decode.
    """
    columns = {name: _decode_series(frame[name], encoding) for name in frame.columns}
    decoded = pd.DataFrame(columns, index=frame.index)
    return decoded.rename(columns={name: _decode(str(name), encoding) for name in frame.columns})


def _decode_series(series: pd.Series, encoding: str) -> pd.Series:
    if not (series.dtype == object or isinstance(series.dtype, pd.StringDtype)):
        return series
    codes, uniques = pd.factorize(series.astype(object))
    texts = [_decode(value, encoding) if isinstance(value, str) else value for value in uniques]
    lookup = np.array([*texts, None], dtype=object)
    return pd.Series(lookup[codes], index=series.index, dtype=object)


def _decode(value: str, encoding: str) -> str:
    return _decode_bytes(value.encode(BYTES), encoding)


def _decode_bytes(value: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("strict").decode(value, final=False)


def _first_that_decodes(texts: list[bytes], declared: str | None) -> str | None:
    for encoding in dict.fromkeys((declared, *_GUESSES)):
        if encoding is None:
            continue
        try:
            for text in texts:
                _decode_bytes(text, encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    return None


def _declared(dbf: Path) -> str | None:
    for sidecar in (dbf.with_suffix(".cpg"), dbf.with_suffix(".CPG")):
        if sidecar.is_file():
            name = sidecar.read_text(encoding="ascii", errors="replace").strip().lower()
            return _known(_CODE_PAGES.get(name, name))
    with dbf.open("rb") as stream:
        header = stream.read(32)
    return _LANGUAGE_DRIVERS.get(header[29]) if len(header) == 32 else None


def _known(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _dbf_texts(dbf: Path) -> list[bytes]:
    """Return the distinct values of all text fields, and the field names, as the bytes in the file."""
    raw = np.fromfile(dbf, dtype=np.uint8)
    n_records = int.from_bytes(raw[4:8].tobytes(), "little")
    header, width = (int.from_bytes(raw[at : at + 2].tobytes(), "little") for at in (8, 10))
    n_records = min(n_records, (len(raw) - header) // max(width, 1))
    records = raw[header : header + n_records * width].reshape(n_records, width)
    texts: list[bytes] = []
    for name, start, size in _text_fields(raw[:header]):
        texts.append(name)
        texts.extend(_distinct(records[:, start : start + size]))
    return texts


def _text_fields(header: NDArray[np.uint8]) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, offset in the record and width of each text field; offset 0 is the mark of deletion."""
    start = 1
    for at in range(32, len(header) - 31, 32):
        if header[at] == 0x0D:
            return
        size = int(header[at + 16])
        if header[at + 11] == ord("C"):
            yield header[at : at + 11].tobytes().split(b"\0")[0], start, size
        start += size


def _distinct(values: NDArray[np.uint8]) -> list[bytes]:
    if values.size == 0 or int(values.max()) < 0x80:
        return []
    packed = np.ascontiguousarray(values).view(f"S{values.shape[1]}").ravel()
    return [bytes(value).rstrip() for value in np.unique(packed)]
