"""
What a file really is, told from its first bytes before any reader sees it.

GDAL opens by content whatever the name says, so a document that reads other files or calls out may bear any name.
Here a file passes only where its content is one of a few known formats and its name says the same.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from pathlib import Path

_HEAD_BYTES = 1 << 16


class Format(Enum):
    """Formats that gridplan reads."""

    GEOPACKAGE = "GeoPackage"
    SHAPEFILE = "shapefile"
    GEOJSON = "GeoJSON"
    FLATGEOBUF = "FlatGeobuf"
    GML = "GML"
    PARQUET = "Parquet"
    CSV = "CSV"
    EXCEL = "Excel"
    ZIP = "zip"
    GZIP = "gzip"


SUFFIXES = {
    ".gpkg": Format.GEOPACKAGE,
    ".shp": Format.SHAPEFILE,
    ".geojson": Format.GEOJSON,
    ".json": Format.GEOJSON,
    ".fgb": Format.FLATGEOBUF,
    ".gml": Format.GML,
    ".parquet": Format.PARQUET,
    ".geoparquet": Format.PARQUET,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.EXCEL,
    ".xlsm": Format.EXCEL,
    ".zip": Format.ZIP,
    ".gz": Format.GZIP,
}
_MAGIC = (
    (b"SQLite format 3\x00", Format.GEOPACKAGE),
    (b"PAR1", Format.PARQUET),
    (b"fgb\x03fgb", Format.FLATGEOBUF),
    (b"\x00\x00\x27\x0a", Format.SHAPEFILE),
    (b"\x1f\x8b", Format.GZIP),
    (b"PK\x03\x04", Format.ZIP),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)[\s>]")


def detect(path: Path) -> tuple[Format | None, str]:
    """
    Tell the format of a file from its name and its content, which must agree.

    Parameters
    ----------
    path
        An existing file.

    Returns
    -------
    format
        The format, or None where the two disagree or the content is nothing that gridplan reads.
    content
        What the content is, in words.
    """
    named = SUFFIXES.get(path.suffix.lower())
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    content, words = _detect_content(path, head, named)
    if named is Format.EXCEL and content is Format.ZIP:
        return Format.EXCEL, "Excel"
    return (content if content is named else None), words


def _detect_content(path: Path, head: bytes, named: Format | None) -> tuple[Format | None, str]:
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found, found.value
    if head.startswith(_OLE):
        return None, "an old Excel or Office file (.xls)"
    body = head.removeprefix(_BOMS[0]).lstrip()
    if body.startswith(b"{"):
        return _detect_json(path)
    if body.startswith(b"<"):
        return _detect_xml(path, body)
    if head.startswith(_BOMS[1:]) or b"\x00" not in head:
        return (Format.CSV, "text") if named is Format.CSV else (None, "text")
    return None, "unknown binary content"


def _detect_json(path: Path) -> tuple[Format | None, str]:
    kind = _geojson_type(path)
    if kind in {"FeatureCollection", "Feature"}:
        return Format.GEOJSON, "GeoJSON"
    return None, f"JSON of type {kind}"


def _geojson_type(path: Path) -> str:
    """
    Return the value of ``type`` at the top of a JSON document.

    A search for the text would be fooled by a ``type`` further down, so members are decoded one by one until the
    right one comes; nearly always it is the first, and the head of the file is enough.
    """
    for size in (_HEAD_BYTES, -1):
        with path.open("rb") as stream:
            text = stream.read(size).decode("utf-8-sig", errors="replace").lstrip()
        try:
            return _walk_members(text)
        except ValueError:
            continue
    return "unknown"


def _walk_members(text: str) -> str:
    decoder = json.JSONDecoder()
    at = 1
    while True:
        key, at = decoder.raw_decode(text, _skip(text, at, ","))
        value, at = decoder.raw_decode(text, _skip(text, at, ":"))
        if key == "type":
            return str(value)


def _skip(text: str, at: int, mark: str) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == mark):
        at += 1
    return at


def _detect_xml(path: Path, body: bytes) -> tuple[Format | None, str]:
    root = _ROOT.search(re.sub(rb"<[?!].*?>", b"", body, flags=re.DOTALL))
    name = root[1].decode("ascii", errors="replace") if root else "unknown"
    with path.open("rb") as stream:
        declares = any(b"<!DOCTYPE" in line or b"<!ENTITY" in line for line in stream)
    if name != "FeatureCollection" or declares:
        return None, f"XML with the root element {name}" + (" and entities of its own" if declares else "")
    return Format.GML, "GML"


def states_crs(path: Path) -> bool:
    """
    Return whether a GeoJSON file names a CRS of its own; without one it is WGS 84 by RFC 7946.

    Parameters
    ----------
    path
        A GeoJSON file.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(max(0, path.stat().st_size - _HEAD_BYTES))
        tail = stream.read()
    return b'"crs"' in head or b'"crs"' in tail
