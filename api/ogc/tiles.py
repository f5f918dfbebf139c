"""OGC API Tiles: vector tiles of collections, one by one or together, in WebMercatorQuad; TileJSON for web maps."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.access import View
from api.answers import JSON, answer
from api.ogc.collections import Collection
from api.ogc.crs import HELD, NAMES, moved, uri_of
from api.ogc.pages import link, page, root_of
from api.ogc.reading import Reader, collection_of, readable, reads
from api.ogc.tiling import HALF_M, MVT, Tile, tile_of
from api.problems import INVALID, NOT_FOUND, ProblemError

router = APIRouter(prefix="/ogc")
QUAD = "WebMercatorQuad"
_MATRIX = f"{NAMES}/tilematrixset/OGC/1.0/{QUAD}"
_REL = f"{NAMES}/rel/ogc/1.0"
_MOST_ZOOM = 24
# Metres on the ground that a pixel of 0.28 mm shows, at zoom 0 in tiles of 256: the standard's scale denominator.
_PIXEL_M = 0.000_28
Zoom = Annotated[int, Path(ge=0, le=_MOST_ZOOM, description="Zoom.")]
Place = Annotated[int, Path(ge=0, le=2**_MOST_ZOOM, description="From the north-west.")]


class MvtResponse(Response):
    """A vector tile, as routes are declared with."""

    media_type = MVT


def _tile_with(*asked: str) -> dict[str, Any]:
    """Return what a route of tiles is declared with."""
    declared = reads(404, asked=asked)
    found = {"description": "The tile", "content": {MVT: {"schema": {"type": "string", "format": "binary"}}}}
    told = {**declared["responses"], 200: found, 204: {"description": "Nothing lies there"}}
    return {**declared, "response_class": MvtResponse, "responses": told}


@router.get("/tileMatrixSets", **reads())
async def matrix_sets(request: Request) -> Response:
    """Return the ways in which tiles are cut."""
    at = f"{root_of(request)}/ogc/tileMatrixSets/{QUAD}"
    own = {"id": QUAD, "uri": _MATRIX, "crs": uri_of(3857), "links": [link("self", at, QUAD)]}
    return page(request, {"tileMatrixSets": [own]})


@router.get("/tileMatrixSets/{matrix_id}", **reads(404))
async def matrix_set(matrix_id: str, request: Request) -> Response:
    """Return how tiles are cut at each zoom."""
    _require_quad(matrix_id)
    matrices = [_matrix(zoom) for zoom in range(_MOST_ZOOM + 1)]
    return page(request, {"id": QUAD, "uri": _MATRIX, "crs": uri_of(3857), "tileMatrices": matrices})


@router.get("/tiles", **reads())
async def tilesets(request: Request) -> Response:
    """Return the tiles in which all collections are layers."""
    return page(request, {"tilesets": [_short(request, "/ogc/tiles", "gridplan")]})


@router.get("/tiles/{matrix_id}", **reads(404, asked=("f",)))
async def tileset(matrix_id: str, view: Reader, request: Request) -> Response:
    """Return what tiles of all collections hold; `f=tilejson` says it as web maps take it."""
    return await _tileset(matrix_id, "/ogc/tiles", tuple(_tiled(view)), view, request)


@router.get("/tiles/{matrix_id}/{zoom}/{row}/{column}", **_tile_with("collections", "f"))
async def tile(matrix_id: str, zoom: Zoom, row: Place, column: Place, view: Reader, request: Request) -> Response:
    """Return a tile with several collections as layers; `collections=grids,units` chooses."""
    asked = request.query_params.get("collections")
    names = [each.name for each in _tiled(view)] if asked is None else asked.split(",")
    mine = tuple(collection_of(name, view) for name in dict.fromkeys(names))
    return await _answered(matrix_id, Tile(zoom, row, column), mine, view, request, {"collections", "f"})


@router.get("/collections/{collection_id}/tiles", **reads(404))
async def collection_tilesets(collection_id: str, view: Reader, request: Request) -> Response:
    """Return the tiles of a collection."""
    found = collection_of(collection_id, view)
    return page(request, {"tilesets": [_short(request, f"/ogc/collections/{found.name}/tiles", found.title)]})


@router.get("/collections/{collection_id}/tiles/{matrix_id}", **reads(404, asked=("f",)))
async def collection_tileset(collection_id: str, matrix_id: str, view: Reader, request: Request) -> Response:
    """Return what tiles of a collection hold; `f=tilejson` says it as web maps take it."""
    found = collection_of(collection_id, view)
    return await _tileset(matrix_id, f"/ogc/collections/{found.name}/tiles", (found,), view, request)


@router.get("/collections/{collection_id}/tiles/{matrix_id}/{zoom}/{row}/{column}", **_tile_with("f"))
async def collection_tile(
    collection_id: str, matrix_id: str, zoom: Zoom, row: Place, column: Place, view: Reader, request: Request
) -> Response:
    """Return a tile of a collection."""
    found = collection_of(collection_id, view)
    return await _answered(matrix_id, Tile(zoom, row, column), (found,), view, request, {"f"})


async def _answered(
    matrix_id: str, tile: Tile, mine: tuple[Collection, ...], view: View, request: Request, known: set[str]
) -> Response:
    _require_quad(matrix_id)
    strange = set(request.query_params) - known
    if strange or request.query_params.get("f", "mvt") not in {"mvt", "pbf"}:
        raise ProblemError(INVALID, f"expected {' and '.join(sorted(known))} (mvt) alone; found {sorted(strange)[:3]}")
    if not tile.there() or not any(_within(each, tile) for each in mine):
        raise ProblemError(NOT_FOUND, f"there is no tile {tile.zoom}/{tile.row}/{tile.column}")
    made = await run_in_threadpool(_made, tile, mine, view)
    return answer(request, made, MVT) if made else Response(status_code=204)


def _made(tile: Tile, mine: tuple[Collection, ...], view: View) -> bytes:
    """Return a tile of today; layers that were encoded alone stand behind one another."""
    today = view.moment.today
    return b"".join(tile_of(each.table(view, (today, today)), each, tile) for each in mine if _within(each, tile))


async def _tileset(matrix_id: str, path: str, mine: tuple[Collection, ...], view: View, request: Request) -> Response:
    _require_quad(matrix_id)
    kind = request.query_params.get("f", "json")
    if kind not in {"json", "tilejson"} or set(request.query_params) - {"f"}:
        raise ProblemError(INVALID, "expected f=json or f=tilejson alone")
    today = view.moment.today
    tables = [await run_in_threadpool(each.table, view, (today, today)) for each in mine]
    boxes = [table.box for table in tables if table.box is not None]
    bounds = _lonlat(boxes)
    template = f"{root_of(request)}{path}/{QUAD}"
    made = _tilejson(template, mine, bounds) if kind == "tilejson" else _long(template, mine, bounds)
    return page(request, made)


def _tilejson(template: str, mine: tuple[Collection, ...], bounds: list[float] | None) -> dict[str, Any]:
    zooms = [each.zooms for each in mine if each.zooms is not None]
    layers = [{"id": each.name, "description": each.title, "fields": dict(each.fields)} for each in mine]
    return {
        "tilejson": "3.0.0",
        "tiles": [f"{template}/{{z}}/{{y}}/{{x}}"],
        "vector_layers": layers,
        "minzoom": min(each.least for each in zooms),
        "maxzoom": max(each.most for each in zooms),
        **({} if bounds is None else {"bounds": bounds}),
    }


def _long(template: str, mine: tuple[Collection, ...], bounds: list[float] | None) -> dict[str, Any]:
    address = f"{template}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    layers = [{"id": each.name, "title": each.title, "dataType": "vector", "geometryDimension": 2} for each in mine]
    box = {} if bounds is None else {"boundingBox": {"lowerLeft": bounds[:2], "upperRight": bounds[2:]}}
    return {
        "title": ", ".join(each.title for each in mine),
        "dataType": "vector",
        "crs": uri_of(3857),
        "tileMatrixSetURI": _MATRIX,
        "layers": layers,
        **box,
        "links": [
            link("self", template, "This document"),
            link("item", address, "Tiles", MVT, templated=True),
            link("describedby", f"{template}?f=tilejson", "TileJSON", JSON),
        ],
    }


def _short(request: Request, path: str, title: str) -> dict[str, Any]:
    at = f"{root_of(request)}{path}/{QUAD}"
    scheme = link(f"{_REL}/tiling-scheme", f"{root_of(request)}/ogc/tileMatrixSets/{QUAD}", QUAD)
    links = [link("self", at, title), scheme]
    return {"title": title, "dataType": "vector", "crs": uri_of(3857), "tileMatrixSetURI": _MATRIX, "links": links}


def _matrix(zoom: int) -> dict[str, Any]:
    cell = 2 * HALF_M / 256 / 2**zoom
    return {
        "id": str(zoom),
        "scaleDenominator": cell / _PIXEL_M,
        "cellSize": cell,
        "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": 256,
        "tileHeight": 256,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }


def _lonlat(boxes: list[tuple[float, float, float, float]]) -> list[float] | None:
    if not boxes:
        return None
    held = np.array([shapely.box(*box) for box in boxes], dtype=object)
    return [round(each, 6) for each in shapely.total_bounds(moved(held, HELD, 4326)).tolist()]


def _tiled(view: View) -> list[Collection]:
    return [each for each in readable(view) if each.zooms is not None]


def _within(collection: Collection, tile: Tile) -> bool:
    """Tell whether a collection has tiles of a zoom."""
    return collection.zooms is not None and collection.zooms.least <= tile.zoom <= collection.zooms.most


def _require_quad(matrix_id: str) -> None:
    if matrix_id != QUAD:
        raise ProblemError(NOT_FOUND, f"expected the tile matrix set {QUAD}; found {matrix_id[:40]!r}")
