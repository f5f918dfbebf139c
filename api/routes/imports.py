"""A register's table over HTTP: read in a process of its own, brought in as the command line brings it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import geopandas as gpd
import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from api.access import View, ViewOf, needs
from api.desk import desk_of, ground_of
from api.incident_models import Imported, ImportQuery
from api.problems import FORBIDDEN, ProblemError
from api.uploads import table_of
from gridplan.incidents.geofiles import with_places
from gridplan.incidents.mapping import Layout
from gridplan.store.keys import Role

router = APIRouter(tags=["incidents"])
_KINDS = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
    "application/geopackage+sqlite3",
    "application/octet-stream",
)


def _taking_a_file(declared: dict[str, Any]) -> dict[str, Any]:
    """Say in the document that the body is a file of any kind that is read."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS}
    declared["openapi_extra"] |= {"requestBody": {"required": True, "content": content}}
    return declared


@router.post("/incidents/import", response_model=Imported, **_taking_a_file(needs(Role.DISPATCHER, errors=(404, 413))))
async def import_(asked: Annotated[ImportQuery, Query()], view: ViewOf, request: Request) -> dict[str, Any]:
    """
    Bring a register's table in: each record to its grid, or to a person with the reason. Twice changes nothing.

    The body is the file: CSV, Excel, Parquet, GeoPackage, or a zip or gzip of one. A register is a whole district's or
    city's, and what it says goes before what is known: a key with a scope is refused.
    """
    if view.scope:
        raise ProblemError(FORBIDDEN, "expected a key without a scope: a register is not one district's alone")
    layout = replace(Layout().with_columns(asked.column), source=asked.source, zone=asked.zone, datum=asked.datum)
    ground, standing = await ground_of(view), await view.standing(None)
    table = await table_of(request, asked.layer or None)

    def brought() -> dict[str, Any]:
        made = desk_of(view).bring(
            _rows(table), layout, ground, by=view.actor, addresses=standing.locator, dry_run=asked.dry_run
        )
        report = made.plain()
        if not asked.dry_run:
            _recorded(view, asked.source, report)
        return report

    return await run_in_threadpool(brought)


def _rows(table: gpd.GeoDataFrame | pd.DataFrame) -> pd.DataFrame:
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    return with_places(pd.DataFrame(table.drop(columns=table.geometry.name)), table.geometry, "body")


def _recorded(view: View, source: str, report: dict[str, Any]) -> None:
    counts = {name: report[name] for name in ("rows", "new", "changed", "same")}
    view.record("incident.import", source, counts, view.scope)
