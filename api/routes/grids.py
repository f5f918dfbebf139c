"""The grids in force on a day: pages, filters, one grid."""

from __future__ import annotations

import json
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from api.access import ViewOf, needs
from api.answers import GEOJSON, GeoJsonResponse, answer, path_of
from api.models import Day, GridFeature, GridPage, Strict
from api.problems import NOT_FOUND, ProblemError
from api.tables import GridTable
from gridplan.store.keys import Role

router = APIRouter(prefix="/grids", tags=["grids"])
Box = tuple[float, float, float, float]


def box_of(text: object) -> Box:
    """Read west, south, east, north."""
    if isinstance(text, list) and len(text) == 1:  # FastAPI gives a parameter that may come twice as a list
        text = text[0]
    if not isinstance(text, str):
        raise ValueError(f"expected west,south,east,north in degrees; found {text!r}")  # noqa: TRY004 - pydantic's way
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("expected four numbers west,south,east,north in degrees") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("expected west <= east within 180 degrees and south <= north within 90")
    return west, south, east, north


class GridsQuery(Strict):
    """Which grids, and how many of them."""

    at: Day = None
    bbox: Annotated[Box, BeforeValidator(box_of, json_schema_input_type=str)] | None = Field(
        None, description="West, south, east, north in degrees (WGS 84).", examples=["128.9,47.6,129.1,47.8"]
    )
    community_code: str | None = Field(None, description="Grids of this community.", examples=["230718001001"])
    kind: str | None = Field(None, description="`basic`, `rural`, `exclusive` or `micro`.", examples=["basic"])
    locked: bool | None = Field(None, description="Whether they are locked.")
    min_households: int | None = Field(None, ge=0, description="With at least so many.")
    max_households: int | None = Field(None, ge=0, description="With at most so many.")
    geometry: bool = Field(True, description="Whether polygons are given, or null.")
    limit: int = Field(100, ge=1, le=1000, description="Grids on a page.")
    after: str | None = Field(None, description="Begin behind this code; links of pages have it.")


@router.get("", response_model=GridPage, response_class=GeoJsonResponse, **needs(Role.VIEWER, errors=(404,)))
async def grids(asked: Annotated[GridsQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return grids as GeoJSON, by code, page by page."""
    table = (await view.standing(asked.at)).table
    rows = np.flatnonzero(_chosen(table, asked))
    begin = 0 if asked.after is None else int(np.searchsorted(table.codes[rows].astype(str), asked.after, "right"))
    page = rows[begin : begin + asked.limit]
    links = [{"rel": "self", "href": path_of(request)}]
    if begin + len(page) < len(rows):
        links.append({"rel": "next", "href": path_of(request, after=table.codes[page[-1]])})
    head = {
        "type": "FeatureCollection",
        "at": (asked.at or view.moment.today).isoformat(),
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "links": links,
    }
    features = ",".join(table.feature(row, geometry=asked.geometry) for row in page.tolist())
    return answer(request, f'{json.dumps(head)[:-1]},"features":[{features}]}}', GEOJSON)


class GridQuery(Strict):
    """On which day."""

    at: Day = None


@router.get(
    "/{grid_code}", response_model=GridFeature, response_class=GeoJsonResponse, **needs(Role.VIEWER, errors=(404,))
)
async def grid(grid_code: str, asked: Annotated[GridQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return one grid as GeoJSON."""
    table = (await view.standing(asked.at)).table
    place = table.place(grid_code)
    if place is None:
        raise ProblemError(NOT_FOUND, f"there is no grid {grid_code[:40]!r} on {asked.at or view.moment.today}")
    return answer(request, table.feature(place), GEOJSON)


def _chosen(table: GridTable, asked: GridsQuery) -> NDArray[np.bool_]:
    """Return which grids meet all filters; shape (n,)."""
    chosen = np.ones(len(table.codes), dtype=bool)
    same = {"community_code": asked.community_code, "kind": asked.kind, "locked": asked.locked}
    for column, value in same.items():
        if value is not None:
            chosen &= table.where(column, value)
    if asked.min_households is not None or asked.max_households is not None:
        chosen &= table.between("households", asked.min_households, asked.max_households)
    return chosen if asked.bbox is None else chosen & table.touching(asked.bbox)
