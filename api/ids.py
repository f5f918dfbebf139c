"""A name for each request, in the answer, in problems and in the log; and the last catch of what nobody foresaw."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter
from typing import Any

from fastapi import HTTPException
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import INTERNAL, problem
from gridplan.store import chain

HEADER = "x-request-id"
# Others are made up by callers, without end; each would be a series of its own.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")

logger = logging.getLogger("gridplan.api")


class RequestIds:
    """
    Gives each request an id (or takes the caller's), writes a line of log, and turns what escapes into a problem.

    The line has the method, the route's template, the status and the milliseconds: no coordinates, no address, no
    code, no key.

    Parameters
    ----------
    app
        What answers.
    body_bytes
        Bytes that a request may bring.
    metrics
        Where it is counted.
    """

    def __init__(self, app: ASGIApp, body_bytes: int, metrics: Metrics) -> None:
        self.app, self.body_bytes, self.metrics = app, body_bytes, metrics
        self._templates: dict[int, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        chain.request.set(request_id)  # what is recorded for this request names it
        self.metrics.begun()
        begun, status = perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER.encode(), request_id.encode())]
            await send(message)

        try:
            await self.app(scope, self._counted(scope, receive), named)
        except Exception:
            if status:
                raise
            logger.exception("unforeseen", extra={"fields": {"request_id": request_id}})
            await problem(scope, INTERNAL, "")(scope, receive, named)
        finally:
            self._tell(scope, request_id, status, perf_counter() - begun)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        """Count and log an answer; 499 is of one whose caller went away before it."""
        route = self._template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "-"
        self.metrics.answered(method, route, status or 499, seconds)
        if logger.isEnabledFor(logging.INFO):
            fields: dict[str, Any] = {"request_id": request_id, "method": method, "route": route}
            logger.info(
                "answered", extra={"fields": {**fields, "status": status or 499, "ms": round(seconds * 1e3, 1)}}
            )

    def _template(self, scope: Scope) -> str:
        """Return the whole template of the route that answered; a route itself knows what its router knows of it."""
        route = scope.get("route")
        if route is None:
            return str(scope["state"].get("template", "-"))
        if id(route) not in self._templates:  # routes cannot be hashed, and live as long as the application
            contexts = iter_route_contexts(scope["app"].routes)
            self._templates = {id(each.original_route): each.path or "-" for each in contexts}
        return self._templates.get(id(route), "-")

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """
        Return what receives the body, and refuses it as soon as it is too large, whatever was announced.

        A route that takes files says in the request's state how much it takes.
        """
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            most = scope["state"].get("body_bytes", self.body_bytes)
            if taken > most:
                # FastAPI lets this class alone through while it reads a body.
                raise HTTPException(413, f"expected at most {most} bytes; found more")
            return message

        return counted


def _id_of(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == HEADER.encode()), b"")
    return given.decode() if _GIVEN.fullmatch(given) else secrets.token_hex(8)
