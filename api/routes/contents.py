"""What is in a plan while it is worked on: its grids, its units and what departs from a rule, as they are now."""

from __future__ import annotations

import json
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, Field

from api.access import ViewOf, needs
from api.answers import GEOJSON, GeoJsonResponse, answer, path_of
from api.drafts import Draft, drafts_of, planned
from api.edit_models import Breach
from api.models import GridFeature, Link, Strict
from api.routes.grids import Box, box_of
from gridplan.store.keys import Role

router = APIRouter(prefix="/plans", tags=["drafts"])
_UNITS = ("building_id", "grid_code", "community_code", "households", "persons", "work_min", "compound_id", "entrance")
_GUARD: dict[str, Any] = needs(Role.PLANNER, errors=(404,))


class PartQuery(Strict):
    """Which part of a plan, and how much of it at a time."""

    community_code: str | None = Field(None, description="What lies in this community.", examples=["230718001001"])
    bbox: Annotated[Box, BeforeValidator(box_of, json_schema_input_type=str)] | None = Field(
        None, description="West, south, east, north in degrees (WGS 84).", examples=["128.9,47.6,129.1,47.8"]
    )
    limit: int = Field(10_000, ge=1, le=50_000, description="At most so many.")
    offset: int = Field(0, ge=0, le=10_000_000, description="Begin behind so many; links of pages have it.")


class UnitProperties(BaseModel):
    """The columns of a unit."""

    building_id: str | None
    grid_code: str
    community_code: str
    households: int
    persons: int | None
    work_min: int = Field(description="Minutes of work per month.")
    compound_id: str | None
    entrance: str | None


class UnitFeature(BaseModel):
    """A unit as a GeoJSON feature, WGS 84; of buildings that share a unit the first has the cell."""

    type: str = Field("Feature", examples=["Feature"])
    id: str = Field(description="`unit_id`, with the row where several buildings share it.")
    properties: UnitProperties
    geometry: dict[str, Any] | None


class _Page(BaseModel):
    type: str = Field("FeatureCollection", examples=["FeatureCollection"])
    plan_id: str
    revision: int
    numberMatched: int = Field(description="On all pages.")  # noqa: N815 - as OGC has it
    numberReturned: int  # noqa: N815 - as OGC has it
    links: list[Link]


class DraftGrids(_Page):
    """Grids of a plan as a GeoJSON feature collection."""

    features: list[GridFeature]


class DraftUnits(_Page):
    """Units of a plan as a GeoJSON feature collection."""

    features: list[UnitFeature]


class Breaches(BaseModel):
    """What departs from a rule, as the layer ``violations`` has it."""

    plan_id: str
    revision: int
    violations: list[Breach]


@router.get("/{plan_id}/grids", response_model=DraftGrids, response_class=GeoJsonResponse, **_GUARD)
def grids(plan_id: str, asked: Annotated[PartQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return the grids of a plan as they are now, by code."""
    draft = drafts_of(request).get(planned(plan_id, view))
    table = draft.table
    chosen = np.ones(len(table.codes), dtype=bool)
    if asked.community_code is not None:
        chosen &= table.where("community_code", asked.community_code)
    if asked.bbox is not None:
        chosen &= table.touching(asked.bbox)
    return _page(draft, np.flatnonzero(chosen), asked, request, lambda rows: [table.feature(row) for row in rows])


@router.get("/{plan_id}/units", response_model=DraftUnits, response_class=GeoJsonResponse, **_GUARD)
def units(plan_id: str, asked: Annotated[PartQuery, Query()], view: ViewOf, request: Request) -> Response:
    """Return the units of a plan as they are now, in the order of the plan's file."""
    draft = drafts_of(request).get(planned(plan_id, view))
    chosen = np.ones(len(draft.units), dtype=bool)
    if asked.community_code is not None:
        chosen &= (draft.units["community_code"] == asked.community_code).to_numpy()
    if asked.bbox is not None:
        west, south, east, north = asked.bbox
        box = draft.boxes
        chosen &= (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
    return _page(draft, np.flatnonzero(chosen), asked, request, lambda rows: _units(draft, rows))


@router.get("/{plan_id}/violations", **_GUARD)
def violations(plan_id: str, view: ViewOf, request: Request) -> Breaches:
    """Return what of a plan departs from a rule, with the reason, and whether it is proven that it must."""
    info = planned(plan_id, view)
    frame = drafts_of(request).get(info).plan.violations
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    found = [Breach(**{str(name): _plain(value) for name, value in row.items()}) for row in rows]
    return Breaches(plan_id=plan_id, revision=info.revision, violations=found)


def _units(draft: Draft, rows: list[int]) -> list[str]:
    part = draft.units.iloc[rows]
    shapes = shapely.to_geojson(part.geometry.to_numpy())
    own = part[[name for name in _UNITS if name in part]].astype(object)
    records = own.where(own.notna(), None).to_dict("records")
    ids = part["unit_id"].to_numpy()
    first = ~draft.units["unit_id"].duplicated().to_numpy()[rows]
    names = [str(unit) if alone else f"{unit}#{row}" for unit, alone, row in zip(ids, first, rows, strict=True)]
    return [
        json.dumps(
            {"type": "Feature", "id": name, "properties": {str(key): _plain(value) for key, value in record.items()}},
            ensure_ascii=False,
        )[:-1]
        + f',"geometry":{shape or "null"}}}'
        for name, record, shape in zip(names, records, shapes, strict=True)
    ]


def _page(draft: Draft, rows: NDArray[np.int64], asked: PartQuery, request: Request, features: Any) -> Response:
    page = rows[asked.offset : asked.offset + asked.limit].tolist()
    links = [{"rel": "self", "href": path_of(request)}]
    if asked.offset + len(page) < len(rows) and page:
        links.append({"rel": "next", "href": path_of(request, offset=str(asked.offset + len(page)))})
    head = {
        "type": "FeatureCollection",
        "plan_id": draft.info.plan_id,
        "revision": draft.info.revision,
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "links": links,
    }
    text = ",".join(features(page))
    return answer(request, f'{json.dumps(head)[:-1]},"features":[{text}]}}', GEOJSON)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
