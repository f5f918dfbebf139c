"""
Bubenec, a part of Prague: real footprints and streets that the package momepy carries, households estimated.

The file's CRS is Web Mercator, in which areas at 50 N come out 2.4 times too large; everything is reprojected
before anything is measured.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.sources.gdal import read_layer
from gridplan.synthetic.write import write_source

CRS = "EPSG:32633"
STOREYS, LIVED_IN, DWELLING_M2, MOST = 6, 0.8, 60.0, 120
SMALLEST_M2, LARGEST_M2 = 50.0, 2_500.0
RIM_M = 10.0
NOTICE = (
    "Footprints and streets: Bubenec, Prague, as packaged with momepy. Households are ESTIMATES from floor area "
    f"(footprint x {STOREYS} storeys x {LIVED_IN} / {DWELLING_M2:.0f} m2, at most {MOST}; none below {SMALLEST_M2:.0f} "
    f"or above {LARGEST_M2:.0f} m2), and the community is a hull, not a real one. 户数为按建筑面积估算，"
    "社区边界为示意。"
)


def bubenec(path: Path) -> Path:
    """
    Write Bubenec as a source in the contract's shape.

    Parameters
    ----------
    path
        GeoPackage to write; replaced in one step.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    ModuleNotFoundError
        Where momepy, which carries the data, is not installed (``pip install gridplan[demo]``).

    Notes
    -----
    One community: the convex hull of the blocks that the streets enclose and of all buildings, 10 m wider, so
    that every building is well inside. Streets are barriers of kind ``residential``, cut at that border.
    """
    packaged = _packaged()
    buildings, streets = (_projected(packaged, layer) for layer in ("buildings", "streets"))
    border = _border(buildings.geometry.to_numpy(), streets.geometry.to_numpy())
    layers = {
        "communities": _community(border),
        "buildings": _buildings(buildings),
        "barriers": _barriers(streets, border),
    }
    return write_source(
        layers, {"name": "Bubeneč", "notice": NOTICE, "households_are": "estimated from floor area"}, path
    )


def _projected(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Return a layer in `CRS`: stored in Web Mercator, its areas come out 2.4 times too large."""
    return gpd.GeoDataFrame(read_layer(path, layer=layer)[0]).to_crs(CRS)


def households(footprint_m2: NDArray[np.float64]) -> NDArray[np.int64]:
    """
    Estimate households from footprints, as for a quarter of six storeys.

    Parameters
    ----------
    footprint_m2
        Ground that each building covers, in true square metres.

    Returns
    -------
    numpy.ndarray
        footprint x 6 x 0.8 / 60, rounded, at most 120; 0 below 50 m2 (sheds) and above 2,500 m2 (halls).

    Examples
    --------
    >>> households(np.array([40.0, 300.0, 2000.0, 3000.0])).tolist()
    [0, 24, 120, 0]
    """
    estimate = np.minimum(np.round(footprint_m2 * STOREYS * LIVED_IN / DWELLING_M2), MOST)
    return np.where((footprint_m2 < SMALLEST_M2) | (footprint_m2 > LARGEST_M2), 0, estimate).astype(np.int64)


def _packaged() -> Path:
    """Find momepy's file without importing momepy, which takes seconds."""
    spec = find_spec("momepy")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("momepy carries the data of Bubenec: pip install gridplan[demo]", name="momepy")
    return Path(spec.submodule_search_locations[0]) / "datasets" / "bubenec.gpkg"


def _border(buildings: NDArray[np.object_], streets: NDArray[np.object_]) -> shapely.Polygon:
    """Return the community's border, on a raster of 1 mm."""
    enclosed = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.union_all(streets)))))
    hull = shapely.convex_hull(shapely.union_all([*enclosed, *buildings]))
    return shapely.set_precision(shapely.buffer(hull, RIM_M, quad_segs=4), 0.001)


def _community(border: shapely.Polygon) -> gpd.GeoDataFrame:
    columns = {"community_code": ["bubenec"], "name": ["Bubeneč"], "area_kind": ["urban"]}
    return gpd.GeoDataFrame(columns, geometry=[border], crs=CRS)


def _buildings(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = pd.DataFrame(
        {
            "building_id": [f"bubenec-{uid:03d}" for uid in frame["uID"]],
            "households": households(frame.geometry.area.to_numpy()),
            "estimated": 1,
        }
    )
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=CRS)


def _barriers(streets: gpd.GeoDataFrame, border: shapely.Polygon) -> gpd.GeoDataFrame:
    inside = shapely.get_parts(shapely.intersection(streets.geometry.to_numpy(), border))
    lines = inside[shapely.length(inside) > 0]
    return gpd.GeoDataFrame(
        {"kind": "residential", "passable": np.ones(len(lines), dtype=np.int64)}, geometry=lines, crs=CRS
    )
