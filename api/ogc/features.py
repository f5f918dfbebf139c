"""OGC API Features, Parts 1 and 2: what there is, and the features themselves."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.answers import GEOJSON, GeoJsonResponse, answer
from api.ogc.asked import ITEMS, Asked, asked_of, crs_of, filterable, span_of
from api.ogc.collections import Collection
from api.ogc.crs import ALWAYS, CRS84, HELD, NAMES, Box, moved, uri_of
from api.ogc.pages import SchemaJson, link, page, root_of
from api.ogc.reading import Reader, collection_of, readable, reads
from api.ogc.table import FeatureTable
from api.problems import NOT_FOUND, ProblemError

router = APIRouter(prefix="/ogc")
SCHEMA = SchemaJson.media_type
_STANDARDS = f"{NAMES[:-4]}/spec"
CONFORMS = (
    f"{_STANDARDS}/ogcapi-common-1/1.0/conf/core",
    f"{_STANDARDS}/ogcapi-common-2/1.0/conf/collections",
    f"{_STANDARDS}/ogcapi-features-1/1.0/conf/core",
    f"{_STANDARDS}/ogcapi-features-1/1.0/conf/geojson",
    f"{_STANDARDS}/ogcapi-features-2/1.0/conf/crs",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/core",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/tileset",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/tilesets-list",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/collections-selection",
    f"{_STANDARDS}/ogcapi-tiles-1/1.0/conf/mvt",
)


@router.get("", **reads())
async def landing(request: Request) -> Response:
    """Return where everything is."""
    base = root_of(request)
    links = [
        link("self", f"{base}/ogc", "This document"),
        link("service-desc", f"{base}/openapi.json", "The interface", "application/vnd.oai.openapi+json;version=3.1"),
        link("conformance", f"{base}/ogc/conformance", "What it conforms to"),
        link("data", f"{base}/ogc/collections", "Collections"),
        link(f"{NAMES}/rel/ogc/1.0/tilesets-vector", f"{base}/ogc/tiles", "Vector tiles"),
        link(f"{NAMES}/rel/ogc/1.0/tiling-schemes", f"{base}/ogc/tileMatrixSets", "Tile matrix sets"),
    ]
    about = "Grids (网格) of the plans in force, and what they are made of"
    return page(request, {"title": "gridplan", "description": about, "links": links})


@router.get("/conformance", **reads())
async def conformance(request: Request) -> Response:
    """Return the classes of the standards that are kept."""
    return page(request, {"conformsTo": list(CONFORMS)})


@router.get("/collections", **reads())
async def collections(view: Reader, request: Request) -> Response:
    """Return the collections that the key may read."""
    today = view.moment.today
    told = [_told(each, await run_in_threadpool(each.table, view, (today, today)), request) for each in readable(view)]
    links = [link("self", f"{root_of(request)}/ogc/collections", "This document")]
    return page(request, {"links": links, "collections": told, "crs": _crss(())})


@router.get("/collections/{collection_id}", **reads(404))
async def collection(collection_id: str, view: Reader, request: Request) -> Response:
    """Return what a collection is: its extent and its CRSs."""
    found = collection_of(collection_id, view)
    today = view.moment.today
    return page(request, _told(found, await run_in_threadpool(found.table, view, (today, today)), request))


@router.get("/collections/{collection_id}/queryables", response_class=SchemaJson, **reads(404))
async def queryables(collection_id: str, view: Reader, request: Request) -> Response:
    """Return the properties that features can be filtered by, as a JSON Schema."""
    found = collection_of(collection_id, view)
    own = {name: {"type": found.fields[name]} for name in filterable(found)}
    at = f"{root_of(request)}/ogc/collections/{found.name}/queryables"
    schema = {"$id": at, "type": "object", "title": found.title, "properties": own, "additionalProperties": False}
    return page(request, schema, SCHEMA)


@router.get("/collections/{collection_id}/items", response_class=GeoJsonResponse, **reads(404, asked=ITEMS))
async def items(collection_id: str, view: Reader, request: Request) -> Response:
    """
    Return features as GeoJSON, page by page.

    Parameters: `bbox`, `bbox-crs`, `crs`, `datetime` (a day, or a span of days; today by default), `limit`, `offset`,
    and any property of `queryables`.
    """
    found = collection_of(collection_id, view)
    span = span_of(request.query_params.get("datetime"), view.moment.today)
    table = await run_in_threadpool(found.table, view, span)
    asked = asked_of(request.query_params, found, table.zones)
    text = await run_in_threadpool(_page, table, asked, request)
    return _placed(answer(request, text, GEOJSON), asked.epsg)


@router.get(
    "/collections/{collection_id}/items/{feature_id}", response_class=GeoJsonResponse, **reads(404, asked=("crs", "f"))
)
async def item(collection_id: str, feature_id: str, view: Reader, request: Request) -> Response:
    """Return one feature of today as GeoJSON."""
    found = collection_of(collection_id, view)
    today = view.moment.today
    table = await run_in_threadpool(found.table, view, (today, today))
    epsg = crs_of(request.query_params, table.zones)
    row = table.places.get(feature_id)
    if row is None:
        raise ProblemError(NOT_FOUND, f"there is nothing called {feature_id[:40]!r} in {found.name} today")
    base = f"{root_of(request)}/ogc/collections/{found.name}"
    links = [link("self", f"{base}/items/{feature_id}", "", GEOJSON), link("collection", base, found.title)]
    text = table.features([row], epsg)[0]
    return _placed(answer(request, f'{text[:-1]},"links":{json.dumps(links)}}}', GEOJSON), epsg)


def _page(table: FeatureTable, asked: Asked, request: Request) -> str:
    rows = table.matching(asked.values, asked.area)
    mine = rows[asked.offset : asked.offset + asked.limit].tolist()
    links = [link("self", str(request.url), "This page", GEOJSON)]
    if mine and asked.offset + len(mine) < len(rows):
        behind = request.url.include_query_params(offset=asked.offset + len(mine))
        links.append(link("next", str(behind), "The next page", GEOJSON))
    head = {"type": "FeatureCollection", "numberMatched": len(rows), "numberReturned": len(mine), "links": links}
    return f'{json.dumps(head)[:-1]},"features":[{",".join(table.features(mine, asked.epsg))}]}}'


def _placed(response: Response, epsg: int | None) -> Response:
    response.headers["Content-Crs"] = f"<{CRS84 if epsg is None else uri_of(epsg)}>"
    return response


def _crss(zones: tuple[int, ...]) -> list[str]:
    return [CRS84, *(uri_of(epsg) for epsg in (*ALWAYS, *zones))]


def _told(collection: Collection, table: FeatureTable, request: Request) -> dict[str, Any]:
    base = f"{root_of(request)}/ogc/collections/{collection.name}"
    links = [
        link("self", base, collection.title),
        link("items", f"{base}/items", collection.title, GEOJSON),
        link(f"{NAMES}/rel/ogc/1.0/queryables", f"{base}/queryables", "What it can be filtered by", SCHEMA),
    ]
    if collection.zooms is not None:
        links.append(link(f"{NAMES}/rel/ogc/1.0/tilesets-vector", f"{base}/tiles", "Vector tiles"))
    return {
        "id": collection.name,
        "title": collection.title,
        "description": collection.description,
        "itemType": "feature",
        "links": links,
        "extent": {} if table.box is None else {"spatial": {"bbox": [_lonlat(table.box)], "crs": CRS84}},
        "crs": _crss(table.zones),
        "storageCrs": uri_of(HELD),
    }


def _lonlat(box: Box) -> list[float]:
    """Return a box of the CRS in which features are held in CRS84."""
    held = np.array([shapely.box(*box)], dtype=object)
    return [round(each, 9) for each in shapely.total_bounds(moved(held, HELD, None)).tolist()]
