"""Who asks, what that key may do, and what it sees: each route names the role that it needs, and gets a view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from starlette.concurrency import run_in_threadpool

from api.documents import errors_of
from api.problems import FORBIDDEN, NO_PLAN, UNAUTHENTICATED, ProblemError
from api.standing import Moment, Standing
from api.watch import Watch
from gridplan.store.keys import Key, Role, id_of

ROLE = "x-gridplan-role"
PUBLIC = "public"
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="A key that `gridplan keys create` made.")


@dataclass(frozen=True)
class View:
    """
    What one request sees: one moment of the store, within the scope of one key. Handlers get nothing else.

    Parameters
    ----------
    watch
        Where the moment comes from.
    moment
        The moment.
    key
        The key.
    """

    watch: Watch
    moment: Moment
    key: Key

    @property
    def scope(self) -> str:
        """Prefix of the codes that are seen."""
        return self.key.scope

    async def standing(self, at: date | None) -> Standing:
        """
        Return the plans in force on a day, in the scope.

        Parameters
        ----------
        at
            The day; today where None.

        Raises
        ------
        ProblemError
            If there is none.
        """
        day = at or self.moment.today
        shelf, plans = self.moment.shelf, self.moment.in_force(day)
        found = shelf.ready(self.scope, plans)
        if found is None:
            found = await run_in_threadpool(shelf.standing, self.scope, plans)
        if not found.plans:
            raise ProblemError(NO_PLAN, f"at: expected a day with a plan in force; found {day}, which has none")
        return found


def watch_of(request: Request) -> Watch:
    """Return what keeps the service's moment of the store."""
    watch: Watch = request.app.state.watch
    return watch


async def seen(request: Request, secret: Annotated[str | None, Security(_HEADER)]) -> View:
    """Return the view that the key of a request opens."""
    watch = watch_of(request)
    moment = watch.moment
    key = moment.keys.get(id_of(secret)) if secret else None
    if key is None or secret is None or not key.fits(secret) or not key.valid(watch.now()):
        what = "none" if secret is None else "one that is unknown, expired or revoked"
        raise ProblemError(
            UNAUTHENTICATED, f"X-API-Key: expected a valid key; found {what}", {"WWW-Authenticate": "ApiKey"}
        )
    return View(watch, moment, key)


ViewOf = Annotated[View, Depends(seen)]


def needs(role: Role, *, errors: tuple[int, ...] = ()) -> dict[str, Any]:
    """
    Return what a route is declared with so that it answers keys of a role alone, and says so in the document.

    Parameters
    ----------
    role
        The least role that may ask.
    errors
        Statuses of errors that the route answers beside those of every guarded route.
    """

    async def guard(view: ViewOf) -> None:
        if not view.key.role.may(role):
            raise ProblemError(FORBIDDEN, f"expected a key of role {role} or above; found {view.key.role}")

    return {
        "dependencies": [Depends(guard)],
        "openapi_extra": {ROLE: role.value},
        "responses": errors_of(400, 401, 403, 500, 503, *errors),
    }


def open_to_all() -> dict[str, Any]:
    """Return what a route is declared with that needs no key."""
    return {"openapi_extra": {ROLE: PUBLIC}, "responses": errors_of(500, 503)}
