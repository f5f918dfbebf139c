"""
Day 8, the neighbour's system (API).

An integrator gets a key for one district: looks up 10,000 addresses in a call, reads grids in QGIS through OGC API,
receives problem documents it can act on, and cannot learn that the other district exists.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import pandas as pd

from .conftest import ON_BOTH, Run, made_key
from .service import Answer, Service, serving

OURS, THEIRS = "230718", "230717"
FAR_M = 20_000.0
MOST = 10_000
MOMENTS = ("instance", "request_id", "timeStamp", "at", "judged_at", "now")  # which each answer has its own
LEVELS = ("grid", "district", "all")
# QGIS reads with GDAL. A process of its own: in ours gridplan has switched off the drivers that reach a network.
QGIS = """
import sys, pyogrio
root, key, out = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"qgis:{key}", "GDAL_HTTP_AUTH": "BASIC"})
pyogrio.write_dataframe(pyogrio.read_dataframe(f"OAPIF:{root}/ogc", layer="grids"), out, driver="GPKG")
"""


def neighbours(office: Path, folder: Path) -> Path:
    """Write the district next door: the smallest community of ours, 20 km to the east, under its own codes."""
    communities = gpd.read_file(office, layer="communities")
    one = communities.loc[[communities.area.idxmin()]]
    path = folder / "neighbours.gpkg"
    for layer in ("communities", "buildings", "barriers"):
        rows = gpd.read_file(office, layer=layer)
        rows = rows[rows.representative_point().within(one.union_all())]
        for name in {"community_code"} & set(rows.columns):
            rows[name] = THEIRS + rows[name].str[6:]
        rows.set_geometry(rows.translate(xoff=FAR_M)).to_file(path, layer=layer)
    return path


def table(office: Path, folder: Path) -> pd.DataFrame:
    """Write one table of the addresses of both districts; return it."""
    ours = gpd.read_file(office, layer="addresses")
    theirs = ours.set_geometry(ours.translate(xoff=FAR_M))
    theirs["address_id"] = "N" + theirs["address_id"]
    theirs["address"] = theirs["address"].str.replace("乌玛区", "友好区")
    both = pd.concat([ours, theirs], ignore_index=True).to_crs("EPSG:4326")
    both = both.assign(lon=both.geometry.x, lat=both.geometry.y)[["address_id", "address", "aliases", "lon", "lat"]]
    both.to_csv(folder / "addresses.csv", index=False)
    return pd.DataFrame(both)


def told(answer: Answer) -> tuple[Any, ...]:
    """Return all of an answer that can be compared: all but the moment and the number of the request."""
    body, names = answer.body, ["content-type", "etag", "link", "allow", "retry-after"]
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in MOMENTS}
        names = names if len(body) == len(answer.body) else [name for name in names if name != "etag"]
    return answer.status, {name: answer.headers.get(name) for name in names}, body


def asked(theirs: gpd.GeoDataFrame, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what somebody asks who would know whether there is another district."""
    code, point = theirs["grid_code"].iloc[0], theirs.to_crs("EPSG:4326").representative_point().iloc[0]
    x, y = (point.x + 180) / 360, 0.5 - math.asinh(math.tan(math.radians(point.y))) / math.tau
    yield f"/v1/locate?lon={point.x}&lat={point.y}", {}
    yield f"/v1/locate?address={quote(address)}", {}
    yield "/v1/locate/batch", {"body": {"points": [[point.x, point.y]]}}
    yield "/v1/locate/batch", {"body": {"addresses": [address]}}
    for path in ("", f"/{code}", f"/{code}/incidents", f"/{code}/stats", f"?community_code={code[:12]}"):
        yield f"/v1/grids{path}", {}
    yield f"/v1/grids?bbox={point.x - 0.1},{point.y - 0.1},{point.x + 0.1},{point.y + 0.1}", {}
    for path in ("plans", "incidents", "incidents/late", *(f"stats/grids?level={name}" for name in LEVELS)):
        yield f"/v1/{path}", {}
    for path in ("session", "ground", "lines", "incidents"):
        yield f"/v1/viewer/{path}", {}
    for path in (
        "",
        "/grids",
        "/grids/items",
        "/units/items",
        f"/grids/items/{code}",
        f"/grids/items?grid_code={code}",
    ):
        yield f"/ogc/collections{path}", {}
    for zoom in (6, 10, 14):
        yield f"/ogc/collections/grids/tiles/WebMercatorQuad/{zoom}/{int(y * 2**zoom)}/{int(x * 2**zoom)}", {}
    for path in ("/metrics", "/v1/audit", "/open311/v2/services.json", "/open311/v2/requests.json", "/health/ready"):
        yield path, {}


@ON_BOTH
def test_day_8(
    office: Path, office_plan: Path, gridplan_command: Run, store_url: str, tmp_path: Path, papers: Path
) -> None:
    addresses = table(office, tmp_path)
    source = neighbours(office, tmp_path)
    gridplan_command("plan", source, "-o", "theirs.gpkg", "--effort", "quick")
    gridplan_command("publish", office_plan, "--by", "王强", "--scope", OURS)
    theirs = gpd.read_file(tmp_path / "theirs.gpkg", layer="grids")
    near = addresses[addresses["address_id"].str.startswith("N")]["address"].iloc[0]
    # The integrator sits on another machine: that which serves may read its own counts without a key.
    settings = {"addresses": "addresses.csv", "database_url": store_url, "metrics_from": "[]"}
    with serving(tmp_path, **settings) as service:
        key = made_key(gridplan_command, "viewer", "集成商", "--scope", OURS)
        alone = [told(service.ask(path, key=key, **more)) for path, more in asked(theirs, near)]
        published = publish(gridplan_command, service, theirs)
        both = [told(service.ask(path, key=key, **more)) for path, more in asked(theirs, near)]
        for question, before, after in zip(asked(theirs, near), alone, both, strict=True):
            assert after == before, f"{question} tells that there is another district"
        unknown(service, key, published, theirs["grid_code"].iloc[0])
        in_one_call(service, key, addresses)
        in_qgis(service, key, gpd.read_file(office_plan, layer="grids"), tmp_path)
        refused(service, key, papers)


def publish(run: Run, service: Service, theirs: gpd.GeoDataFrame) -> str:
    """Publish the other district, wait until the service knows, and return the plan's id."""
    run("publish", "theirs.gpkg", "--by", "赵敏", "--scope", THEIRS)
    code = theirs["grid_code"].iloc[0]
    until = time.monotonic() + 60
    while service.ask(f"/v1/grids/{code}").status != 200:
        assert time.monotonic() < until, "the service does not see the other district"
        time.sleep(0.2)
    plans = service.ask("/v1/plans").body["plans"]
    return next(each["plan_id"] for each in plans if each["scope"] == THEIRS)


def unknown(service: Service, key: str, plan_id: str, grid_code: str) -> None:
    """Ask for what is theirs and for what does not exist: but for the name the answers are the same."""
    invented_plan, invented_grid = "0" * len(plan_id), f"{THEIRS}999999999"
    for path, real, invented in (
        ("/v1/plans/{}", plan_id, invented_plan),
        ("/v1/plans/{}/grids", plan_id, invented_plan),
        ("/v1/viewer/ground?plan_id={}", plan_id, invented_plan),
        ("/v1/grids/{}", grid_code, invented_grid),
        ("/v1/grids/{}/incidents", grid_code, invented_grid),
    ):
        said = [
            json.dumps(told(service.ask(path.format(name), key=key))).replace(name, "") for name in (real, invented)
        ]
        assert said[0] == said[1], path


def in_one_call(service: Service, key: str, addresses: pd.DataFrame) -> None:
    """Look 10,000 addresses up; those of the neighbours are nobody's, one too many is refused with the number."""
    wanted = addresses.sample(frac=1, random_state=8)
    texts = list(islice(cycle(wanted["address"]), MOST + 1))
    mine = list(islice(cycle(~wanted["address_id"].str.startswith("N")), MOST))
    many = service.ask("/v1/locate/batch", key=key, body={"addresses": texts})
    assert (many.status, many.body["type"]) == (413, "urn:gridplan:problem:too-large")
    assert f"at most {MOST}" in many.body["detail"]
    found = service.ask("/v1/locate/batch", key=key, body={"addresses": texts[:MOST]}).body
    assert found["count"] == MOST
    codes = pd.Series([each["grid_code"] for each in found["results"]], dtype=object)
    accepted = pd.Series([each["accepted"] for each in found["results"]])
    assert codes.dropna().str.startswith(OURS).all()
    assert accepted[mine].mean() > 0.99, "every standard address finds itself"
    assert not accepted[[not each for each in mine]].any(), "an address next door is nobody's"


def in_qgis(service: Service, key: str, grids: gpd.GeoDataFrame, folder: Path) -> None:
    """Read the grids as QGIS does: all of ours, and no other."""
    out = folder / "read.gpkg"
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL", "CPL", "OGR"))}
    subprocess.run([sys.executable, "-c", QGIS, service.url, key, str(out)], env=own, check=True)
    read = gpd.read_file(out).to_crs(grids.crs)
    assert sorted(read["grid_code"]) == sorted(grids["grid_code"])
    assert abs(read.area.sum() - grids.area.sum()) < 1e-6 * grids.area.sum()


def refused(service: Service, key: str, papers: Path) -> None:
    """Each problem says what was expected and found, under a type that a program can tell."""
    problems = {
        "no key": service.ask("/v1/grids", key="gp_0000000000_wrong"),
        "not allowed": service.ask("/v1/incidents", key=key, body={"text": "水管爆了"}),
        "wrong": service.ask("/v1/locate?lon=abc&lat=47,7&datum=mars", key=key),
        "absent": service.ask("/v1/grids/230718999999999", key=key),
        "not so": service.ask("/v1/grids", key=key, body={}),
    }
    for name, answer in problems.items():
        assert answer.headers["content-type"] == "application/problem+json", name
        assert answer.body["status"] == answer.status
        assert answer.body["type"].startswith("urn:gridplan:problem:")
        assert answer.body["detail"]
    kinds = {name: answer.body["type"].rpartition(":")[2] for name, answer in problems.items()}
    assert kinds == {
        "no key": "unauthenticated", "not allowed": "forbidden", "wrong": "invalid-request", "absent": "not-found",
        "not so": "method-not-allowed",
    }  # fmt: skip
    named = {each["parameter"] for each in problems["wrong"].body["errors"]}
    assert {"query.lon", "query.lat", "query.datum"} <= named, "all faults at once"
    written = {name: answer.body for name, answer in problems.items()}
    (papers / "problems.json").write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
