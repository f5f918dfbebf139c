"""The synthetic district as an office would send it: a GBK shapefile, Excel sheets, Mars coordinates, and slips."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from gridplan.datum import from_wgs84
from gridplan.sources import read_source
from gridplan.sources.gdal import pyogrio


def write_office(source: Path, folder: Path) -> Path:
    """
    Write a source's communities, buildings and streets as an office sends them, with four slips of the pen.

    Parameters
    ----------
    source
        Source in the contract's shape.
    folder
        Where 社区.shp (GBK), 户数.xlsx (GCJ-02) and 道路.gpkg go; made where it is missing.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    district = read_source(source)
    communities = district.communities[["community_code", "name", "geometry"]].to_crs("EPSG:4490")
    communities = communities.rename(columns={"community_code": "SQDM", "name": "SQMC"})
    communities.to_file(folder / "社区.shp", encoding="gb18030")
    streets = pyogrio.read_dataframe(source, layer="barriers", columns=["kind"])
    streets.rename(columns={"kind": "LX"}).to_file(folder / "道路.gpkg", layer="streets")
    _sheet(district.buildings).to_excel(folder / "户数.xlsx", index=False)
    return folder


def write_register(source: Path, path: Path) -> Path:
    """
    Write a source's incidents as the table that a hotline's system gives out; names and telephones are invented.

    Parameters
    ----------
    source
        Source with a layer ``incidents``.
    path
        CSV to write, UTF-8 with a mark, as Excel opens it.

    Returns
    -------
    pathlib.Path
        The path.
    """
    rows = pyogrio.read_dataframe(source, layer="incidents").to_crs("EPSG:4326")
    numbers = pd.Series(range(len(rows)))
    table = pd.DataFrame(
        {
            "工单编号": rows["incident_id"],
            "受理时间": rows["reported_at"],
            "类别": rows["category"],
            "状态": rows["status"],
            "办结时限": rows["due_at"],
            "办结时间": rows["closed_at"],
            "满意度": rows["satisfaction"],
            "地址": rows["address"],
            "经度": rows.geometry.x,
            "纬度": rows.geometry.y,
            "来电人": "来电人" + (numbers % 97 + 1).astype(str),
            "联系电话": "1390000" + (numbers % 10_000).astype(str).str.zfill(4),
        }
    )
    table.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def _sheet(buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    points = buildings.representative_point().to_crs("EPSG:4326")
    lon, lat = from_wgs84(points.x.to_numpy(), points.y.to_numpy(), "gcj02")
    sheet = pd.DataFrame(
        {
            "编号": buildings["building_id"],
            "户数": buildings["households"].astype(object),
            "层数": buildings["floors"].fillna(1),
            "经度": lon,
            "纬度": lat,
        }
    )
    lived_in = sheet.index[buildings["households"] > 0]
    sheet.loc[lived_in[10], "户数"] = "约40"
    sheet.loc[lived_in[20:23], "户数"] = None
    sheet.loc[lived_in[31], "编号"] = sheet.loc[lived_in[30], "编号"]
    sheet.loc[lived_in[40], "经度"] += 0.5
    return sheet
