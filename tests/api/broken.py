"""Files as hostile or careless callers send them: whole ones of each format, and broken ones made of those."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.sources.gdal import pyogrio

VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""
WFS = b"<OGRWFSDataSource><URL>%s</URL></OGRWFSDataSource>"
ENTITY = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<FeatureCollection><a>&x;</a></FeatureCollection>"""


def points(count: int = 40) -> gpd.GeoDataFrame:
    """Return points with a number, a text and an empty value each."""
    numbers = np.arange(count)
    values = {"id": [f"i-{number}" for number in numbers], "n": numbers, "name": ["花园"] * (count - 1) + [None]}
    return gpd.GeoDataFrame(values, geometry=shapely.points(129 + numbers / 1e4, 47.7 + numbers / 1e4), crs=4326)


def whole() -> dict[str, bytes]:
    """Return a good file of each format, by a name of it."""
    frame, files = points(), {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, driver in (("a.gpkg", "GPKG"), ("a.geojson", "GeoJSON"), ("a.fgb", "FlatGeobuf"), ("a.shp", None)):
            pyogrio.write_dataframe(frame, place / name, driver=driver or "ESRI Shapefile")
        frame.to_parquet(place / "a.parquet")
        pd.DataFrame(frame.drop(columns="geometry")).to_excel(place / "a.xlsx", index=False)
        for path in sorted(place.iterdir()):
            files[path.name] = path.read_bytes()
    files["a.csv"] = frame.drop(columns="geometry").to_csv(index=False).encode("gb18030")
    files["a.csv.gz"] = gzip.compress(files["a.csv"])
    shapes = {
        name: files.pop(name) for name in list(files) if Path(name).suffix in {".shp", ".dbf", ".shx", ".prj", ".cpg"}
    }
    files["shapes.zip"] = zipped(shapes)
    files["csv.zip"] = zipped({"a.csv": files["a.csv"]})
    return files


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def crafted(listener: str) -> dict[str, bytes]:
    """
    Return files that would read, fetch or unpack what they should not.

    Parameters
    ----------
    listener
        URL of which no file may make a reader ask.
    """
    blanks = b'{"type":"FeatureCollection","features":[' + b" " * 120_000_000 + b"]}"
    return {
        "vrt": VRT,
        "vrt in a zip": zipped({"a.geojson": VRT}),
        "vrt named text": zipped({"a.csv": VRT}),
        "wfs": WFS % listener.encode(),
        "entity": ENTITY,
        "schema": f'<FeatureCollection schemaLocation="x {listener}"/>'.encode(),
        "vsicurl": zipped({"a.shp": f"/vsicurl/{listener}".encode()}),
        "csv of a path": f"CSV:/etc/passwd\n/vsicurl/{listener}\n".encode(),
        "climbing zip": zipped({"../../../tmp/gridplan-climbed.csv": b"a\n1\n"}),
        "absolute zip": zipped({"/tmp/gridplan-climbed.csv": b"a\n1\n"}),
        "zip in a zip": zipped({"a.zip": zipped({"a.csv": b"a\n1\n"})}),
        "many members": zipped({f"{number}.csv": b"a\n1\n" for number in range(300)}),
        "bomb": zipped({"a.geojson": blanks}),
        "gzip bomb": gzip.compress(b"a," * 60_000_000, 9),
        "workbook bomb": zipped({"[Content_Types].xml": b"", "xl/a.xml": b"\0" * 300_000_000}),
        "deep": b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
        "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "zeroes": b"\0" * 5000,
    }


def broken(rng: np.random.Generator, files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """
    Yield files broken at random, for ever: cut, bits turned, pieces doubled, put in, swapped between formats.

    Parameters
    ----------
    rng
        Where chance comes from.
    files
        Good ones.
    """
    names = sorted(files)
    while True:
        name = names[rng.integers(len(names))]
        data, other = bytearray(files[name]), files[names[rng.integers(len(names))]]
        kind = ("cut", "bits", "zeroes", "double", "splice", "length")[rng.integers(6)]
        at = int(rng.integers(len(data)))
        size = int(rng.integers(1, 200))
        if kind == "cut":
            del data[at:]
        elif kind == "bits":
            for place in rng.integers(len(data), size=size // 8 + 1):
                data[place] ^= 1 << int(rng.integers(8))
        elif kind == "zeroes":
            data[at : at + size] = bytes(len(data[at : at + size]))
        elif kind == "double":
            data[at:at] = data[at : at + size] * int(rng.integers(1, 50))
        elif kind == "splice":
            data[at:] = other[int(rng.integers(len(other))) :]
        else:  # a length, a count or an offset that lies
            data[at : at + 4] = b"\xff\xff\xff\x7f"
        yield f"{name} {kind} at {at}", bytes(data)
