"""Who reads what: a key, or anybody where the operator opened a collection to all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from api.access import ROLE, View, maybe_seen, watch_of
from api.documents import errors_of
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


def reads(*errors: int) -> dict[str, Any]:
    """Return what a route of map programs is declared with; it stands in the document as one for viewers."""
    return {
        "dependencies": [Depends(reader)],
        "openapi_extra": {ROLE: Role.VIEWER.value},
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
