"""OGC API: what GDAL reads back, in each CRS; pages, filters, days, tiles; nothing beyond the scope."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City, listening, our_plan, their_plan

from api.app import create_app
from api.ogc.crs import CRS84, uri_of
from api.ogc.table import FeatureTable
from api.ogc.tiling import HALF_M, Tile
from api.settings import Settings
from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
ITEMS = "/ogc/collections/grids/items"
QUAD = "WebMercatorQuad"


# In a process of its own: in this one gridplan has switched this driver of GDAL off.
READ = """
import json, sys
import pyogrio
address, layer, options, box, out = json.loads(sys.argv[1])
pyogrio.set_gdal_config_options(options)
try:
    found = pyogrio.read_dataframe(f"OAPIF:{address}", layer=layer, bbox=box and tuple(box))
except pyogrio.errors.DataSourceError as error:
    sys.exit(f"refused: {error}")
pyogrio.write_dataframe(found, out, driver="GPKG")
"""


def read(
    folder: Path, address: str, layer: str, key: str | None, box: list[float] | None = None, way: str = "file"
) -> gpd.GeoDataFrame:
    """
    Read a layer with GDAL's OAPIF driver.

    Of GDAL's ways to send a key that driver knows the header file, Basic and bearer; GDAL_HTTP_HEADERS it overlooks
    (seen with 3.12.4), since it sets a header of its own.
    """
    (folder / "headers.txt").write_text(f"X-API-Key: {key}")
    ways = {
        "file": {"GDAL_HTTP_HEADER_FILE": str(folder / "headers.txt")},
        "basic": {"GDAL_HTTP_USERPWD": f"key:{key}", "GDAL_HTTP_AUTH": "BASIC"},
        "bearer": {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": key},
    }
    out = folder / f"{uuid4().hex}.gpkg"
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL", "CPL", "OGR"))}
    asked = json.dumps([address, layer, ways[way] if key else {}, box, str(out)])
    done = subprocess.run([sys.executable, "-c", READ, asked], env=own, capture_output=True, text=True)
    if "refused: " in done.stderr:
        raise PermissionError(done.stderr)
    assert done.returncode == 0, done.stderr
    return gpd.read_file(out)


def test_gdal_reads_every_grid_where_it_lies_and_none_without_a_key(city: City, app: FastAPI, tmp_path: Path) -> None:
    plans = gpd.GeoDataFrame(
        pd.concat([our_plan().grids, their_plan().grids], ignore_index=True), crs=our_plan().grids.crs
    ).sort_values("grid_code", ignore_index=True)
    everything, ours = city.key(Role.VIEWER), city.key(Role.VIEWER, OURS)
    with listening(app) as root:
        address = f"{root}/ogc"
        found = read(tmp_path, address, "grids", everything).sort_values("grid_code", ignore_index=True)
        assert list(found["grid_code"]) == list(plans["grid_code"])
        assert list(found["households"]) == list(plans["households"])
        assert found.crs.to_epsg() == 4490
        expected = plans.to_crs(4490).geometry.to_numpy()
        assert (shapely.hausdorff_distance(found.geometry.to_numpy(), expected) < 1e-9).all(), "longitude is x"
        west, south, east, north = our_plan().grids.iloc[[0]].to_crs(4490).total_bounds
        near = read(tmp_path, address, "grids", everything, box=[west, south, east, north])
        assert 0 < len(near) < len(found)
        mine = read(tmp_path, address, "grids", ours, way="basic")
        assert set(mine["grid_code"]) == set(our_plan().grids["grid_code"])
        units = read(tmp_path, address, "units", ours, way="bearer")
        assert units["households"].sum() <= our_plan().units["households"].sum()
        assert len(units) == our_plan().units.geometry.notna().sum()
        with pytest.raises(PermissionError, match="refused"):
            read(tmp_path, address, "grids", None)


def test_grids_alone_can_be_opened_to_all(city: City) -> None:
    url = city.store.engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, poll_s=3600, jobs=0, public_grids=True)
    with TestClient(create_app(settings, clock=city.clock)) as anybody:
        assert [each["id"] for each in anybody.get("/ogc/collections").json()["collections"]] == ["grids"]
        count = len(our_plan().grids) + len(their_plan().grids)
        assert anybody.get(ITEMS).json()["numberMatched"] == count
        assert anybody.get("/ogc/collections/units/items").status_code == 401
        assert anybody.get(f"/ogc/tiles/{QUAD}/14/0/0", params={"collections": "units"}).status_code == 401
        assert anybody.get("/v1/grids").status_code == 401
        assert anybody.get(ITEMS, headers={"X-API-Key": "gp_0000000000_x"}).status_code == 401, "a wrong key is no key"


def test_axes_stand_in_the_order_of_the_crs(asking: Asking) -> None:
    client = asking()
    for epsg in (4490, 4326, 3857, 4549):
        check_axes(client, epsg)


def check_axes(client: TestClient, epsg: int) -> None:
    code = our_plan().grids["grid_code"].iloc[0]
    answer = client.get(f"{ITEMS}/{code}", params={"crs": uri_of(epsg)})
    assert answer.headers["content-crs"] == f"<{uri_of(epsg)}>"
    found = shapely.geometry.shape(answer.json()["geometry"])
    expected = our_plan().grids.iloc[[0]].to_crs(epsg).geometry.iloc[0]
    if epsg != 3857:  # latitude or northing first
        expected = shapely.transform(expected, lambda xy: xy[:, ::-1])
    assert shapely.hausdorff_distance(found, expected) < (1e-3 if epsg in (3857, 4549) else 1e-8)
    west, south, east, north = expected.bounds
    inside = client.get(ITEMS, params={"bbox": f"{west},{south},{east},{north}", "bbox-crs": uri_of(epsg)}).json()
    assert code in {feature["id"] for feature in inside["features"]}
    assert inside["numberMatched"] < client.get(ITEMS).json()["numberMatched"]


def test_pages_lead_on_until_all_is_told_once(asking: Asking) -> None:
    client = asking()
    path, seen = f"{ITEMS}?limit=4&kind=basic", []
    while path:
        page = client.get(path).json()
        seen += [feature["id"] for feature in page["features"]]
        assert page["numberReturned"] == len(page["features"]) <= 4
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == sorted(set(seen))
    assert len(seen) == page["numberMatched"]
    assert client.get(ITEMS, params={"limit": 10**9}).status_code == 200, "clamped, not refused"
    households = client.get(ITEMS).json()["features"][0]["properties"]["households"]
    some = client.get(ITEMS, params={"households": households}).json()["features"]
    assert {feature["properties"]["households"] for feature in some} == {households}
    first = client.get(ITEMS)
    assert client.get(ITEMS, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_days_choose_the_plans_in_force(asking: Asking, city: City, fresh: Callable[[], object]) -> None:
    client = asking(scope=OURS)
    city.clock.forward(days=1)
    one, two = our_plan().grids["grid_code"].iloc[:2]
    later = city.store.publish(city.store.begin(city.ours).by("李娜").merge(one, two, force=True), by="王强").plan_id
    fresh()

    def plans(when: str | None) -> set[str]:
        params = {} if when is None else {"datetime": when}
        return {each["properties"]["plan_id"] for each in client.get(ITEMS, params=params).json()["features"]}

    assert plans(None) == plans("2026-11-03") == plans("2026-11-03T08:00:00Z/..") == {later}
    assert plans("2026-11-02") == plans("../2026-11-02") == {city.ours}
    assert plans("2026-11-01/2026-11-09") == {city.ours, later}
    assert plans("2020-01-01") == set()


WRONG = [
    ("bbox=1,2,3", "bbox: expected four numbers"),
    ("bbox=1,2,nan,4", "bbox"),
    ("bbox=1,5,2,4", "least corner"),
    (f"bbox=95,1,5,2&bbox-crs={uri_of(4490)}", "bbox"),
    ("bbox=1,2,3,4&bbox-crs=EPSG:4490", "bbox-crs: expected one of"),
    (f"crs={uri_of(2000)}", "crs: expected one of"),
    ("datetime=yesterday", "datetime"),
    ("datetime=2026-02-01/2026-01-01", "datetime"),
    ("datetime=../..", "datetime"),
    ("limit=0", "limit"),
    ("limit=many", "limit"),
    ("offset=-1", "offset"),
    ("households=many", "households"),
    ("households=--5", "households"),
    ("colour=red", "colour"),
    ("kind=basic&kind=rural", "kind"),
    ("f=html", "f: expected json"),
]


def test_what_is_asked_wrongly_is_told_so(asking: Asking) -> None:
    client = asking()
    for query, says in WRONG:
        answer = client.get(f"{ITEMS}?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), query
        assert says in answer.json()["detail"], query


def test_the_way_from_the_landing_page_leads_everywhere(asking: Asking) -> None:
    client = asking()
    seen, waiting = set[str](), ["http://testserver/ogc"]
    while waiting:
        address = waiting.pop()
        if address in seen or "{" in address:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        if "json" in answer.headers["content-type"] and not address.endswith("openapi.json"):
            waiting += hrefs(answer.json())
    assert {f"http://testserver/ogc/collections/{name}/items" for name in ("grids", "units")} <= seen
    landing = {link["rel"]: link for link in client.get("/ogc").json()["links"]}
    assert {"service-desc", "conformance", "data"} <= set(landing)
    (grids, _) = client.get("/ogc/collections").json()["collections"]
    assert (grids["storageCrs"], grids["crs"][0]) == (uri_of(4490), CRS84)
    assert uri_of(4549) in grids["crs"], "the plan's own zone"


def hrefs(found: object) -> list[str]:
    if isinstance(found, list):
        return [each for one in found for each in hrefs(one)]
    if isinstance(found, dict):
        own = [found["href"]] if isinstance(found.get("href"), str) else []
        return own + [each for one in found.values() for each in hrefs(one)]
    return []


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(3857).iloc[0].coords[0]
    side = 2 * HALF_M / 2**zoom
    return int((HALF_M - y) // side), int((x + HALF_M) // side)


def test_tiles_hold_what_lies_there(asking: Asking) -> None:
    client = asking()
    for zoom in (6, 12, 16):
        check_tile(client, zoom)
    point = our_plan().grids.to_crs(4326).geometry.iloc[0].representative_point()
    path = f"/ogc/tiles/{QUAD}/16/{'/'.join(map(str, tile_at(point.x, point.y, 16)))}"
    assert set(mapbox_vector_tile.decode(client.get(path).content)) == {"grids", "units"}
    theirs = asking(scope=THEIRS).get(path)
    layers = mapbox_vector_tile.decode(theirs.content) if theirs.content else {}
    codes = [each["properties"]["grid_code"] for layer in layers.values() for each in layer["features"]]
    assert all(code.startswith(THEIRS) for code in codes)


def check_tile(client: TestClient, zoom: int) -> None:
    grids = our_plan().grids.to_crs(4326)
    point = grids.geometry.iloc[0].representative_point()
    row, column = tile_at(point.x, point.y, zoom)
    path = f"/ogc/collections/grids/tiles/{QUAD}/{zoom}/{row}/{column}"
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layer = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})["grids"]
    tile = Tile(zoom, row, column)
    west, north = tile.corner
    scale = tile.side_m / layer["extent"]
    expected = our_plan().grids.to_crs(3857).set_index("grid_code").geometry
    window = shapely.box(west, north - tile.side_m, west + tile.side_m, north)
    found = {}
    for feature in layer["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        placed = shapely.transform(
            shape, lambda xy: np.column_stack([west + xy[:, 0] * scale, north - xy[:, 1] * scale])
        )
        found[feature["properties"]["grid_code"]] = placed
    assert grids["grid_code"].iloc[0] in found
    for code in set(found) & set(expected.index):
        whole = shapely.intersection(expected[code], window)
        assert shapely.area(shapely.symmetric_difference(shapely.intersection(found[code], window), whole)) <= (
            whole.length * tile.side_m / 512 + 4 * scale**2
        )


def test_tiles_end_at_their_zooms_and_empty_ones_say_so(asking: Asking) -> None:
    client = asking()
    for path, status in (
        ("grids/tiles/WebMercatorQuad/5/1/1", 404),
        ("grids/tiles/WebMercatorQuad/19/1/1", 404),
        ("grids/tiles/WebMercatorQuad/6/64/1", 404),
        ("grids/tiles/WebMercatorQuad/6/0/0", 204),
        ("grids/tiles/WorldCRS84Quad/6/0/0", 404),
        ("grids/tiles/WebMercatorQuad/x/0/0", 400),
        ("grids/tiles/WebMercatorQuad/6/0/0?colour=red", 400),
        ("nothing/tiles/WebMercatorQuad/6/0/0", 404),
    ):
        assert client.get(f"/ogc/collections/{path}").status_code == status, path
    said = client.get(f"/ogc/tiles/{QUAD}", params={"f": "tilejson"}).json()
    assert [layer["id"] for layer in said["vector_layers"]] == ["grids", "units"]
    assert said["tiles"] == [f"http://testserver/ogc/tiles/{QUAD}/{{z}}/{{y}}/{{x}}"]


def test_a_simplified_coverage_has_no_gaps() -> None:
    plan = our_plan().grids.sort_values("grid_code")
    geometry = plan.to_crs(4490).geometry.to_numpy()
    table = FeatureTable(plan["grid_code"].to_numpy(dtype=object), tuple({} for _ in geometry), geometry, ())
    coarse = table.simplified(10.0)
    assert shapely.get_num_coordinates(coarse).sum() <= shapely.get_num_coordinates(table.projected()).sum()
    whole = shapely.union_all(coarse)
    assert abs(shapely.area(coarse).sum() - whole.area) < 0.01, "square metres, of 530,000"
    assert abs(whole.area - shapely.union_all(table.projected()).area) < 10.0 * whole.length
