"""
Measure lookup by point: ``python scripts/measure_points.py [--points N] [--grids N] [--postgis URL]``.

An invented city of bent grids is asked about points strewn over it, by the product and by what others use, in one run
and in CPU seconds (PostGIS: wall seconds, since its work is done in another process). All must give the same grids.
Writes a Markdown table.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gridplan.datum import DATUMS, from_wgs84
from gridplan.locate import PointIndex

CRS = "EPSG:4549"
WEST, SOUTH, WIDTH, HEIGHT = 470_000.0, 2_540_000.0, 24_000.0, 25_000.0
SINGLES = 20_000
Floats = NDArray[np.float64]
Codes = NDArray[np.object_]


@dataclass(frozen=True)
class Row:
    """One way to locate the points."""

    name: str
    seconds: float
    n_points: int
    n_same: int | None

    def text(self, best: float) -> str:
        """Return the row as Markdown; ``best`` are the product's seconds for a point."""
        each = self.seconds / self.n_points
        same = "-" if self.n_same is None else f"{self.n_same:,} of {self.n_points:,}"
        return f"| {self.name} | {self.seconds:.2f} | {1 / each / 1e6:.2f} | {each / best:.1f} | {same} |"


def bend(xy: Floats) -> Floats:
    """Bend the plane by some metres, the same for both sides of a border, and round to a millimetre as plans do."""
    x, y = xy[:, 0], xy[:, 1]
    return np.round(
        np.column_stack([x + 8 * np.sin(y / 37) + 6 * np.sin(x / 23), y + 8 * np.sin(x / 41) + 5 * np.sin(y / 19)]), 3
    )


def make_city(n_grids: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return grids that tile a city."""
    frame = shapely.box(WEST, SOUTH, WEST + WIDTH, SOUTH + HEIGHT)
    sites = shapely.multipoints(rng.uniform([WEST, SOUTH], [WEST + WIDTH, SOUTH + HEIGHT], (n_grids, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=frame))
    bent = shapely.transform(shapely.segmentize(shapely.intersection(cells, frame), 30.0), bend)
    return gpd.GeoDataFrame({"grid_code": [f"{at:06d}" for at in range(len(bent))]}, geometry=bent, crs=CRS)


def timed(work: Callable[[], Codes]) -> tuple[float, Codes]:
    """Return the CPU seconds of a way to locate the points, and its grids."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def by_sjoin(city: gpd.GeoDataFrame, x: Floats, y: Floats) -> Codes:
    """Locate by geopandas."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=city.crs)
    joined = points.sjoin(city, how="left", predicate="intersects")
    return lowest(len(x), joined.index.to_numpy(), joined["grid_code"].to_numpy(dtype=object))


def by_tree(city: gpd.GeoDataFrame, x: Floats, y: Floats) -> Codes:
    """Locate by a bare STRtree of shapely."""
    point, grid = shapely.STRtree(city.geometry.to_numpy()).query(shapely.points(x, y), predicate="intersects")
    return lowest(len(x), point, city["grid_code"].to_numpy(dtype=object)[grid])


def by_boxes(city: gpd.GeoDataFrame, x: Floats, y: Floats) -> Codes:
    """Locate by a sort, a mask of boxes and prepared polygons."""
    order = np.argsort(x, kind="stable")
    east, north = x[order], y[order]
    polygons = city.geometry.to_numpy().copy()
    shapely.prepare(polygons)
    found = np.full(len(x), None, dtype=object)
    boxes = zip(polygons, city["grid_code"], shapely.bounds(polygons), strict=True)
    for polygon, code, (left, low, right, high) in boxes:
        begin, end = np.searchsorted(east, [left, right], side="left")
        near = begin + np.flatnonzero((north[begin:end] >= low) & (north[begin:end] <= high))
        inside = near[shapely.intersects_xy(polygon, east[near], north[near])]
        found[order[inside]] = code
    return found


def by_postgis(url: str, city: gpd.GeoDataFrame, x: Floats, y: Floats) -> tuple[float, Codes]:
    """Locate by PostGIS with indexes on both sides; loading and indexing are not counted."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        _load(connection, "g (id text, geom geometry(Geometry, 4549))", city["grid_code"], city.geometry.to_numpy())
        _load(connection, "p (id int, geom geometry(Point, 4549))", range(len(x)), shapely.points(x, y))
        query = "SELECT p.id, min(g.id) FROM g JOIN p ON ST_Intersects(g.geom, p.geom) GROUP BY p.id"
        begin = time.perf_counter()
        rows = connection.execute(query).fetchall()
        seconds = time.perf_counter() - begin
    found = np.full(len(x), None, dtype=object)
    found[[row[0] for row in rows]] = [row[1] for row in rows]
    return seconds, found


def _load(connection: Any, table: str, ids: Iterable[Any], geometry: Any) -> None:
    """Make a temporary table with an index on its geometry."""
    connection.execute(f"CREATE TEMP TABLE {table}")
    name = table.partition(" ")[0]
    wkb = shapely.to_wkb(shapely.set_srid(geometry, 4549), hex=True, include_srid=True)
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in zip(ids, wkb, strict=True):
            copy.write_row(row)
    connection.execute(f"CREATE INDEX ON {name} USING gist (geom)")
    connection.execute(f"ANALYZE {name}")


def lowest(n_points: int, point: NDArray[np.int64], code: Codes) -> Codes:
    """Return the lowest code of each point."""
    found = np.full(n_points, None, dtype=object)
    known = np.array([isinstance(each, str) for each in code])
    order = np.argsort(code[known].astype(str), kind="stable")[::-1]
    found[point[known][order]] = code[known][order]
    return found


def singles(index: PointIndex, lon: Floats, lat: Floats, datum: str) -> str:
    """Return the CPU times of single lookups as a Markdown row."""
    index.locate(float(lon[0]), float(lat[0]), datum=datum)
    ns = []
    for a, b in zip(lon[:SINGLES].tolist(), lat[:SINGLES].tolist(), strict=True):
        begin = time.thread_time_ns()
        index.locate(a, b, datum=datum)
        ns.append(time.thread_time_ns() - begin)
    p50, p95, p99 = np.percentile(ns, [50, 95, 99]) / 1e3
    return f"| {datum} | {p50:.0f} | {p95:.0f} | {p99:.0f} |"


def measure(options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Measure all ways on one city; return them, and single lookups as Markdown rows."""
    rng = np.random.default_rng(1)
    city = make_city(options.grids, rng)
    x = rng.uniform(WEST + 20, WEST + WIDTH - 20, options.points)
    y = rng.uniform(SOUTH + 20, SOUTH + HEIGHT - 20, options.points)
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)
    index = PointIndex.from_plan(city)
    raster, _ = timed(lambda: index.raster().owner)
    rows = [Row("gridplan, its raster (once)", raster, options.points, None)]
    truth = by_tree(city, x, y)

    def add(name: str, seconds: float, found: Codes) -> None:
        rows.append(Row(name, seconds, options.points, int((found == truth).sum())))

    index.way(crs="plan")
    add("gridplan, coordinates of the plan", *timed(lambda: index.locate_many(x, y, crs="plan").grid_code))
    for datum in DATUMS:
        index.way(datum)
        a, b = from_wgs84(lon, lat, datum)
        add(f"gridplan, {datum}", *timed(partial(_of_datum, index, a, b, datum)))
    peers = {"sort, boxes, prepared polygons": by_boxes, "shapely STRtree": by_tree, "geopandas.sjoin": by_sjoin}
    for name, way in peers.items():
        add(f"{name}, coordinates of the plan", *timed(partial(way, city, x, y)))
    if options.postgis:
        add("PostGIS, indexes on both sides, wall time", *by_postgis(options.postgis, city, x, y))
    return rows, [singles(index, *from_wgs84(lon, lat, datum), datum) for datum in DATUMS]


def _of_datum(index: PointIndex, lon: Floats, lat: Floats, datum: str) -> Codes:
    return index.locate_many(lon, lat, datum=datum).grid_code


def main() -> int:
    """Measure and print; 1 where two ways differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--grids", type=int, default=3_000)
    parser.add_argument("--postgis", metavar="URL", help="also measure a PostGIS server; skipped without")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows, single = measure(options)
    best = rows[1].seconds / options.points
    out = [f"{options.grids:,} grids, {options.points:,} points, Python {platform.python_version()}.", ""]
    out += ["| way | CPU s | million points/s | ratio | same grid |", "|---|---|---|---|---|"]
    out += [row.text(best) for row in rows]
    out += ["", "| one point, datum | p50 us | p95 us | p99 us |", "|---|---|---|---|", *single]
    sys.stdout.write("\n".join(out) + "\n")
    return int(any(row.n_same not in (None, row.n_points) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
