"""Who reads what: a key, or anybody where the operator opened a collection to all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from api.access import View, maybe_seen, watch_of
from api.documents import ROLE, errors_of
from api.ogc.collections import COLLECTIONS, Collection
from api.problems import NOT_FOUND, UNAUTHENTICATED, ProblemError
from gridplan.store.keys import Key, Role

# What anybody sees who brings no key, where grids are public.
ANYBODY = Key("public", "public", Role.VIEWER, "", "", "", datetime(2000, 1, 1, tzinfo=UTC))


async def reader(request: Request, view: Annotated[View | None, Depends(maybe_seen)]) -> View:
    """Return the view of a key, or the one that all have where grids are public."""
    if view is not None:
        return view
    if not request.app.state.settings.public_grids:
        raise ProblemError(
            UNAUTHENTICATED, "X-API-Key: expected a valid key; found none", {"WWW-Authenticate": "ApiKey"}
        )
    request.app.state.limiter.take(ANYBODY.key_id)
    watch = watch_of(request)
    return View(watch, watch.moment, ANYBODY)


Reader = Annotated[View, Depends(reader)]


# Read by hand, since standards want more of them than types say; the document tells of them all the same.
_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "bbox": ("Four numbers in the order of `bbox-crs`, or six with heights", {"type": "string"}),
    "bbox-crs": ("CRS of `bbox`; CRS84 by default", {"type": "string", "format": "uri"}),
    "crs": ("CRS of the answer; CRS84 by default", {"type": "string", "format": "uri"}),
    "datetime": ("A day, or a span of days; today by default", {"type": "string", "example": "2026-12-01/.."}),
    "limit": ("Features on a page; more than 10,000 are not given", {"type": "integer", "minimum": 1, "default": 1000}),
    "offset": ("Begin behind so many; links of pages have it", {"type": "integer", "minimum": 0}),
    "collections": ("Names of collections, parted by commas", {"type": "string", "example": "grids,units"}),
    "f": ("The form of the answer", {"type": "string", "enum": ["json", "geojson", "tilejson", "mvt"]}),
}


def reads(*errors: int, asked: Sequence[str] = ()) -> dict[str, Any]:
    """
    Return what a route of map programs is declared with; it stands in the document as one for viewers.

    Parameters
    ----------
    errors
        Statuses of further errors.
    asked
        Names of the parameters that it reads from the query.
    """
    told = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": _PARAMETERS[name][0],
            "schema": _PARAMETERS[name][1],
        }
        for name in asked
    ]
    return {
        "dependencies": [Depends(reader)],
        "openapi_extra": {ROLE: Role.VIEWER.value, **({"parameters": told} if told else {})},
        "responses": errors_of(400, 401, 403, 429, 500, 503, *errors),
        "tags": ["ogc"],
    }


def may_read(view: View, collection: Collection) -> bool:
    """Tell whether a view sees a collection at all."""
    return collection.public if view.key is ANYBODY else view.key.role.may(collection.role)


def readable(view: View) -> list[Collection]:
    """Return the collections that a view sees."""
    return [each for each in COLLECTIONS.values() if may_read(view, each)]


def collection_of(name: str, view: View) -> Collection:
    """
    Return a collection by name.

    Raises
    ------
    ProblemError
        If there is none, or none for this view.
    """
    found = COLLECTIONS.get(name)
    if found is None or not may_read(view, found):
        if view.key is ANYBODY and found is not None:
            raise ProblemError(UNAUTHENTICATED, "X-API-Key: expected a valid key; found none")
        raise ProblemError(NOT_FOUND, f"there is no collection {name[:40]!r}")
    return found
