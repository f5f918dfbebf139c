"""
The only door to GDAL: its drivers limited, its network off, its geofiles written whole or not at all.

GDAL opens files by content and knows formats that read other files or call out (VRT, WFS, GDALG and some sixty
more), so every driver that gridplan does not need is switched off. That works only before pyogrio is first
imported, which is why nothing else in gridplan imports it. Where another program has imported it before, the
look at the first bytes in :mod:`gridplan.sources.sniff` still stands before GDAL.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Drivers that gridplan uses.
ALLOWED_DRIVERS = frozenset({"GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "GML"})
# Every vector driver of GDAL 3.12 but the allowed ones.
_REFUSED_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,GDALG,"
    "GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MVT,MapInfo File,MapML,"
    "MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDS4,PLSCENES,PMTiles,S57,"
    "SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
_ENVIRONMENT = {
    "GDAL_SKIP": _REFUSED_DRIVERS,
    "GDAL_DRIVER_PATH": "disable",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": "0",
    # A GeoPackage may carry views; they may not reach outside their own file.
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
}


def _load_pyogrio() -> Any:
    """Import pyogrio with the environment above; a build without some driver must not complain on stderr."""
    if "pyogrio" not in sys.modules:
        os.environ.update(_ENVIRONMENT)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CPL_LOG"] = str(Path(folder) / "gdal.log")
            import pyogrio

            del os.environ["CPL_LOG"]
        return pyogrio
    return sys.modules["pyogrio"]


pyogrio = _load_pyogrio()


def layer_names(path: Path) -> list[str]:
    """
    Return the names of the layers of a geofile, tables without geometry included.

    Parameters
    ----------
    path
        A file whose content has been looked at.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [str(name) for name, _ in pyogrio.list_layers(_safe(path))]


def read_layer(path: Path, **options: Any) -> tuple[pd.DataFrame, list[str]]:
    """
    Read one layer of a geofile.

    Parameters
    ----------
    path
        A file whose content has been looked at.
    options
        Options of ``pyogrio.read_dataframe``.

    Returns
    -------
    frame
        A GeoDataFrame, or a DataFrame where the layer has no geometry. Geometry that cannot be built is None.
    remarks
        What GDAL said while reading, each remark once.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = pyogrio.read_dataframe(_safe(path), on_invalid="ignore", **options)
    return frame, sorted({str(each.message) for each in caught if issubclass(each.category, RuntimeWarning)})


def _safe(path: Path) -> str:
    """Return an absolute path that neither GDAL nor pyogrio can take for anything but a local file."""
    text = str(path.resolve(strict=True))
    if text.startswith("/vsi") or "://" in text or ".zip" in text.lower():
        msg = f"not a plain local file: {text}"
        raise ValueError(msg)
    return text


def write_geopackage(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    """
    Write frames as the layers of one GeoPackage, complete or not at all.

    The file is made under another name in the same folder and moved into place, so that a reader never sees half
    of it and an error leaves what was there before.

    Parameters
    ----------
    path
        File to write; its folder must exist. An existing file is replaced.
    layers
        GeoDataFrames, or DataFrames for tables without geometry, by layer name.

    Raises
    ------
    OSError
        If the folder does not exist or cannot be written.
    """
    path = Path(path).absolute()
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        draft = Path(folder) / "draft.gpkg"
        for name, frame in layers.items():
            _write_layer(draft, name, frame)
        os.replace(draft, path)


def _write_layer(path: Path, name: str, frame: pd.DataFrame) -> None:
    geometry_type = None
    if "geometry" in frame:
        kinds = set(frame["geometry"].geom_type.dropna())
        geometry_type = kinds.pop() if len(kinds) == 1 else "Unknown"
    with warnings.catch_warnings():
        # GDAL notes that fields are wide or that a local CRS has no authority; both are kept as they are.
        warnings.simplefilter("ignore", RuntimeWarning)
        pyogrio.write_dataframe(
            frame, str(path), layer=name, driver="GPKG", geometry_type=geometry_type, promote_to_multi=False
        )
