"""Who asks, what that key may do, and what it sees: each route names the role that it needs, and gets a view."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.documents import PUBLIC, ROLE, errors_of
from api.metrics import Metrics
from api.problems import FORBIDDEN, NO_PLAN, UNAUTHENTICATED, ProblemError
from api.standing import Moment, Standing
from api.tokens import Tokens
from api.watch import Watch
from gridplan.store.keys import Key, Role, id_of


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

    @property
    def actor(self) -> str:
        """Who asks, as it is recorded."""
        return self.key.name or self.key.key_id

    def record(self, action: str, subject: str = "", details: Mapping[str, Any] | None = None, scope: str = "") -> None:
        """
        Add a record to the audit log: who asks, by which key, in which request; on disk when this returns.

        It waits for the disk, so call it from a thread (a handler that is no coroutine, or `run_in_threadpool`).

        Parameters
        ----------
        action, subject, details
            As of `gridplan.store.audit.Audit.record`.
        scope
            Prefix of the codes that it concerns; the key's where empty.

        Raises
        ------
        StoreUnavailableError
            If it cannot be kept; what must be recorded is then not to be done.
        """
        told = {"key": self.key.key_id, **(details or {})}
        self.watch.store.audit.record(action, self.actor, subject, told, scope=scope or self.scope)

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
        shelf, plans = self.moment.shelf, self.moment.in_force(day, self.scope)
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


def metrics_of(request: Request) -> Metrics:
    """Return the counts of the service."""
    found: Metrics = request.app.state.metrics
    return found


async def maybe_seen(request: Request) -> View | None:
    """Return the view that the key, or the bearer token, of a request opens; None where it brings neither."""
    kept = request.scope["state"]
    if "view" not in kept:
        kept["view"] = await _opened(request)
    view: View | None = kept["view"]
    return view


async def _opened(request: Request) -> View | None:
    state, secret = request.app.state, request.headers.get("x-api-key") or _carried(request)
    watch: Watch = state.watch
    moment = watch.moment
    key = moment.keys.get(id_of(secret)) if secret is not None else await _signed_on(request, watch)
    if secret is not None and (key is None or not key.fits(secret) or not key.valid(watch.now())):
        raise _unknown("one that is unknown, expired or revoked")
    if key is None:
        return None
    state.limiter.take(key.key_id)
    return View(watch, moment, key)


def _carried(request: Request) -> str | None:
    """Return a key in the header Authorization, where map programs put it: as bearer token, or as Basic's password."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    given = rest.strip()
    if scheme.lower() == "basic":
        try:
            given = b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            return None
    return given if scheme.lower() in {"basic", "bearer"} and id_of(given) else None


async def _signed_on(request: Request, watch: Watch) -> Key | None:
    """Return what the bearer token of a request opens; None where there is none, or none is taken."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    tokens: Tokens | None = request.app.state.tokens
    if tokens is None or scheme.lower() != "bearer":
        return None
    return await run_in_threadpool(tokens.key, token.strip(), watch.now())


async def seen(request: Request) -> View:
    """Return the view that a request opens; who brings no key is refused."""
    view = await maybe_seen(request)
    if view is None:
        raise _unknown("none")
    return view


async def seen_by(request: Request, role: Role) -> View:
    """
    Return the view that a request opens, where its key may do what a role may.

    Parameters
    ----------
    request
        The request.
    role
        The least role that may ask.
    """
    view = await seen(request)
    if not view.key.role.may(role):
        raise ProblemError(FORBIDDEN, f"expected a key of role {role} or above; found {view.key.role}")
    return view


def _unknown(what: str) -> ProblemError:
    headers = {"WWW-Authenticate": "ApiKey"}
    return ProblemError(UNAUTHENTICATED, f"X-API-Key: expected a valid key; found {what}", headers)


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

    async def guard(request: Request) -> None:
        await seen_by(request, role)

    return {
        "dependencies": [Depends(guard)],
        "openapi_extra": {ROLE: role.value},
        "responses": errors_of(400, 401, 403, 429, 500, 503, *errors),
    }


def open_to_all() -> dict[str, Any]:
    """Return what a route is declared with that needs no key."""
    return {"openapi_extra": {ROLE: PUBLIC}, "responses": errors_of(500, 503)}
