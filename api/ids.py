"""A name for each request, in the answer, in problems and in the log; and the last catch of what nobody foresaw."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import INTERNAL, problem

HEADER = "x-request-id"
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")

logger = logging.getLogger("gridplan.api")


class RequestIds:
    """
    Gives each request an id (or takes the caller's), writes a line of log, and turns what escapes into a problem.

    The line has the method, the route's path without its query, the status and the milliseconds: no coordinates, no
    address, no key.

    Parameters
    ----------
    app
        What answers.
    body_bytes
        Bytes that a request may bring.
    """

    def __init__(self, app: ASGIApp, body_bytes: int) -> None:
        self.app, self.body_bytes = app, body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        begun, status = perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER.encode(), request_id.encode())]
            await send(message)

        try:
            await self.app(scope, self._counted(receive), named)
        except Exception:
            if status:
                raise
            logger.exception("%s: unforeseen", request_id)
            await problem(scope, INTERNAL, "")(scope, receive, named)
        finally:
            ms = (perf_counter() - begun) * 1000
            route = getattr(scope.get("route"), "path", "-")
            logger.info("%s %s %s %d %.1f ms", request_id, scope["method"], route, status, ms)

    def _counted(self, receive: Receive) -> Receive:
        """Return what receives the body, and refuses it as soon as it is too large, whatever was announced."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.body_bytes:
                # FastAPI lets this class alone through while it reads a body.
                raise HTTPException(413, f"expected at most {self.body_bytes} bytes; found more")
            return message

        return counted


def _id_of(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == HEADER.encode()), b"")
    return given.decode() if _GIVEN.fullmatch(given) else secrets.token_hex(8)
