"""
Measure the import of incidents: records per CPU second, what became of every record, and what was found.

    GRIDPLAN_DATA=../shared/data python scripts/measure_incidents.py [--repeat 12]

Boston's requests are taken to squares of 250 m over their bounding box, since no plan of Allston is at hand; Tainan's
work orders to its villages, each halved. Records are repeated under new ids to come to some 100,000.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.incidents.ground import Ground
from gridplan.incidents.handling import read_handling
from gridplan.incidents.mapping import Layout
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.frames import incident_frame
from gridplan.incidents.tables import verdicts
from gridplan.store import Store

DATA = Path(os.environ.get("GRIDPLAN_DATA", "../shared/data"))
SIDE_M = 250.0


def squares(lon: np.ndarray, lat: np.ndarray, crs: str) -> Ground:
    """Return squares over the box that holds 98 % of the points."""
    box = gpd.GeoSeries(
        shapely.points(np.quantile(lon, [0.03, 0.97]), np.quantile(lat, [0.01, 0.99])), crs=4326
    ).to_crs(crs)
    west, south, east, north = box.total_bounds + np.array([-SIDE_M, -SIDE_M, SIDE_M, SIDE_M]) * 4
    corners = [(x, y) for x in np.arange(west, east, SIDE_M) for y in np.arange(south, north, SIDE_M)]
    codes = [f"250250{k:06d}001" for k in range(len(corners))]
    shapes = [shapely.box(x, y, x + SIDE_M, y + SIDE_M) for x, y in corners]
    return Ground(
        gpd.GeoDataFrame({"grid_code": codes, "community_code": [c[:12] for c in codes]}, geometry=shapes, crs=crs)
    )


def halves(villages: gpd.GeoDataFrame) -> Ground:
    """Return each village cut in two, from north to south."""
    rows = []
    for code, shape in zip(villages["villcode"].astype(str), villages.geometry, strict=True):
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        sides = (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north))
        rows += [(f"{code}{k}", code, shapely.intersection(shape, side)) for k, side in enumerate(sides, 1)]
    frame = gpd.GeoDataFrame(
        {"grid_code": [r[0] for r in rows], "community_code": [r[1] for r in rows]},
        geometry=[r[2] for r in rows],
        crs=villages.crs,
    )
    return Ground(frame, dict(zip(villages["villcode"].astype(str), villages["village"], strict=True)))


def boston(desk: Incidents, folder: Path, repeat: int) -> None:
    """Measure Boston's requests."""
    with gzip.open(DATA / "boston311" / "boston_311_2015_allston_brighton.csv.gz", "rt") as file:
        rows = pd.read_csv(file, dtype=str)
    ground = squares(rows["lon"].astype(float).to_numpy(), rows["lat"].astype(float).to_numpy(), "EPSG:32619")
    ground.index.locate_many(np.zeros(1), np.zeros(1))
    layout = Layout(source="Boston 311", zone="America/New_York")
    rows.to_csv(folder / "once.csv", index=False)
    began = time.process_time()
    report = desk.bring(folder / "once.csv", layout, ground, by="measure")
    said(f"Boston 311, {report.rows} records: {time.process_time() - began:.1f} CPU s")
    said(f"  in a grid {report.in_grid}, review {report.review}, default points {report.default_points}")
    said(f"  remarks {report.remarks}, rounding {report.rounding}, on time {report.on_time}")
    frame = incident_frame(desk.store)
    stated = frame["on_time"].notna()
    met = rows["ontime_status"].eq("ONTIME")
    flags = rows.assign(met=met)[rows["ontime_status"].notna()].groupby("type")["met"].mean()
    ours = frame.assign(met=verdicts(frame, desk.now()))[stated].groupby("category_said")["met"].mean()
    differ = int((flags - ours.reindex(flags.index)).abs().gt(1e-12).sum())
    said(f"  categories {len(flags)}, on-time rates that differ from the register's: {differ}")
    many = pd.concat([rows.assign(case_enquiry_id=rows["case_enquiry_id"] + f"-{k}") for k in range(repeat)])
    many.to_csv(folder / "many.csv", index=False)
    began = time.process_time()
    report = desk.bring(folder / "many.csv", layout, ground, by="measure")
    seconds = time.process_time() - began
    said(f"  {report.rows} records: {seconds:.1f} CPU s, {report.rows / seconds:,.0f} a second; {report.review}")
    began = time.process_time()
    report = desk.bring(folder / "many.csv", layout, ground, by="measure")
    said(f"  again: {time.process_time() - began:.1f} CPU s; new {report.new}, same {report.same}")


def tainan(desk: Incidents) -> None:
    """Measure Tainan's work orders."""
    file = DATA / "tainan_east" / "tainan_east.gpkg"
    ground = halves(gpd.read_file(file, layer="villages").to_crs(3826))
    orders = pd.DataFrame(gpd.read_file(file, layer="incidents_vector_control").drop(columns="geometry"))
    report = desk.bring(orders, Layout(source="Tainan", zone="Asia/Taipei"), ground, by="measure")
    said(f"Tainan, {report.rows} work orders: in a grid {report.in_grid}, rounding {report.rounding}")
    said(f"  review {report.review}")


def said(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=12)
    parser.add_argument("--store", default="", help="URL of an empty store; a SQLite file by default")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store.open(arguments.store or Path(folder) / "s.sqlite") as store:
        desk = Incidents(store, read_handling())
        boston(desk, Path(folder), arguments.repeat)
        tainan(desk)


if __name__ == "__main__":
    main()
