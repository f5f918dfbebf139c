"""One GeoPackage in the contract's shape, complete or absent."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridplan.schema import SOURCE_TABLE
from gridplan.sources.gdal import pyogrio
from gridplan.synthetic.district import SyntheticDistrict

_WRITTEN_ON = "2026-07-01T00:00:00Z"  # fixed, so that the same frames give the same bytes


def write_district(district: SyntheticDistrict, path: Path) -> Path:
    """
    Write a made district as one GeoPackage that `gridplan plan` takes.

    Parameters
    ----------
    district
        What to write.
    path
        File to write; an old one is replaced, and only when the new one is complete.

    Returns
    -------
    pathlib.Path
        The path, for chaining.
    """
    return write_source(district.layers(), district.about, path)


def write_source(layers: Mapping[str, gpd.GeoDataFrame], about: Mapping[str, str], path: Path) -> Path:
    """
    Write layers and what they say of themselves as one GeoPackage.

    Parameters
    ----------
    layers
        Frames by the contract's layer names.
    about
        Goes to the table ``source`` (``key``, ``value`` as JSON); its ``notice`` is also each layer's description.
    path
        File to write; replaced in one step.

    Returns
    -------
    pathlib.Path
        The path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial.gpkg")
    try:
        with _fixed_date():
            for name, frame in layers.items():
                pyogrio.write_dataframe(
                    frame, partial, layer=name, append=partial.exists(), DESCRIPTION=about["notice"]
                )
            table = pd.DataFrame(
                {"key": list(about), "value": [json.dumps(value, ensure_ascii=False) for value in about.values()]}
            )
            pyogrio.write_dataframe(table, partial, layer=SOURCE_TABLE, append=True)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Have GDAL write one date as the time of last change, instead of now."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_ON})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
