"""Errors as RFC 9457 problems: one table says which error of the library is which, and nothing of the inside leaks."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gridplan import errors

MEDIA_TYPE = "application/problem+json"
RETRY_S = 5
_LONGEST_FOUND = 100
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

logger = logging.getLogger("gridplan.api")


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    parameter: str = Field(description="Where: the parameter, or the way into the body.", examples=["query.lon"])
    expected: str = Field(description="What would be right.", examples=["Input should be a valid number"])
    found: str = Field(description="What was given, cut to 100 characters.", examples=["east"])


class Problem(BaseModel):
    """A problem document as RFC 9457 has it."""

    type: str = Field(description="What kind of problem; never changes.", examples=["urn:gridplan:problem:not-found"])
    title: str = Field(description="The kind, in English and Chinese.", examples=["Not found / 没有找到"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What happened here.", examples=["there is no grid '230718001001999' that day"])
    instance: str = Field(description="The path asked for.", examples=["/v1/grids/230718001001999"])
    request_id: str = Field(description="Also in the header X-Request-ID and in the log.", examples=["0f8fad5bd9cb"])
    errors: list[Wrong] = Field(default=[], description="All that is wrong with the request.")


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its name, status and title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The URN that names the kind for ever."""
        return f"urn:gridplan:problem:{self.name}"


INVALID = Kind("invalid-request", 400, "Invalid request / 请求有误")
UNAUTHENTICATED = Kind("unauthenticated", 401, "No valid key / 没有有效密钥")
FORBIDDEN = Kind("forbidden", 403, "Not allowed / 无权操作")
NOT_FOUND = Kind("not-found", 404, "Not found / 没有找到")
NO_PLAN = Kind("no-plan-in-force", 404, "No plan in force / 当日没有现行方案")
NO_ADDRESSES = Kind("no-address-table", 404, "No address table / 未配置地址表")
NO_METHOD = Kind("method-not-allowed", 405, "Method not allowed / 方法不允许")
CONFLICT = Kind("conflict", 409, "Conflict / 与现状冲突")
PRECONDITION = Kind("precondition-failed", 412, "Changed meanwhile / 已被他人修改")
TOO_LARGE = Kind("too-large", 413, "Too large / 请求过大")
RATE = Kind("too-many-requests", 429, "Too many requests / 请求过于频繁")
INTERNAL = Kind("internal", 500, "Internal error / 内部错误")
UNAVAILABLE = Kind("unavailable", 503, "Unavailable for now / 暂不可用")
KINDS = (
    INVALID, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, NO_PLAN, NO_ADDRESSES, NO_METHOD, CONFLICT, PRECONDITION, TOO_LARGE,
    INTERNAL, UNAVAILABLE, RATE,
)  # fmt: skip

# The first class that fits counts, so the narrower stand first. What is not here is a bug, and says nothing.
TABLE: tuple[tuple[type[Exception], Kind], ...] = (
    (errors.StoreUnavailableError, UNAVAILABLE),
    (errors.StoreVersionError, UNAVAILABLE),
    (errors.StoreDamagedError, UNAVAILABLE),
    (errors.NotInStoreError, NOT_FOUND),
    (errors.UnknownCodeError, NOT_FOUND),
    (errors.PlanStateError, CONFLICT),
    (errors.StaleBaseError, CONFLICT),
    (errors.CodeReusedError, CONFLICT),
    (errors.EditError, CONFLICT),
    (errors.CodeOverflowError, CONFLICT),
    (errors.JobConflictError, CONFLICT),
    (errors.JobStateError, CONFLICT),
    (errors.NoIncidentError, NOT_FOUND),
    (errors.TransitionError, CONFLICT),
    (errors.StaleIncidentError, CONFLICT),
    (errors.IncidentError, INVALID),
    (errors.LocateError, INVALID),
    (errors.InputError, INVALID),
    (errors.RulesError, INVALID),
)
_BY_STATUS = {401: UNAUTHENTICATED, 403: FORBIDDEN, 404: NOT_FOUND, 405: NO_METHOD, 413: TOO_LARGE, 429: RATE}
# Messages of these speak of the store, of other plans or of the machine; callers get words of ours.
_OWN_WORDS = {
    UNAVAILABLE: "the service cannot answer now; the same request may work later",
    INTERNAL: "this is a fault of the service; tell its operator the request id",
}


class ProblemError(Exception):
    """
    A problem to be answered as it is.

    Parameters
    ----------
    kind
        Its kind.
    detail
        What happened, for the caller.
    headers
        Further headers of the answer.
    extra
        Further members of the document, as plain JSON.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        headers: Mapping[str, str] | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind, self.detail, self.headers, self.extra = kind, detail, dict(headers or {}), dict(extra or {})
        super().__init__(detail)


def kind_of(error: Exception) -> Kind:
    """Return the kind of problem that an error is."""
    return next((kind for known, kind in TABLE if isinstance(error, known)), INTERNAL)


def problem(
    scope: Mapping[str, Any],
    kind: Kind,
    detail: str,
    *,
    wrong: Sequence[Wrong] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """
    Return the answer that a problem is.

    Parameters
    ----------
    scope
        ASGI scope of the request.
    kind, detail, wrong
        What happened.
    headers
        Further headers.
    extra
        Further members of the document, as plain JSON.
    """
    body = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=_OWN_WORDS.get(kind, detail),
        instance=str(scope.get("path", "")),
        request_id=str(scope.get("state", {}).get("request_id", "")),
        errors=list(wrong),
    )
    more = {"Retry-After": str(RETRY_S)} if kind.status == UNAVAILABLE.status else {}
    text = json.dumps({**(extra or {}), **body.model_dump(exclude_defaults=True)}, ensure_ascii=True)
    return Response(text, kind.status, {**more, **(headers or {})}, MEDIA_TYPE)


def handle_problems(app: FastAPI) -> None:
    """
    Let an application answer every error as a problem.

    Parameters
    ----------
    app
        The application.
    """
    app.add_exception_handler(ProblemError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(errors.GridplanError, _of_library)
    app.add_exception_handler(OSError, _of_machine)


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - it is registered for this class alone
    return problem(request.scope, error.kind, error.detail, headers=error.headers, extra=error.extra)


async def _of_library(request: Request, error: Exception) -> Response:
    kind = kind_of(error)
    if kind.status >= INTERNAL.status:
        logger.error("%s: %s", request.scope.get("state", {}).get("request_id"), error, exc_info=error)
    if isinstance(error, errors.StoreUnavailableError):
        request.app.state.watch.doubt()
    chinese = {"detail_zh": error.text("zh")} if isinstance(error, errors.EditError) else None
    return problem(request.scope, kind, str(error), extra=chinese)


async def _of_machine(request: Request, error: Exception) -> Response:
    """Answer for a disk without room, on which bodies of requests are kept; any other fault of files is a bug."""
    if not isinstance(error, OSError) or error.errno not in _NO_ROOM:
        raise error
    logger.error("%s: no room on the disk", request.scope.get("state", {}).get("request_id"))
    return problem(request.scope, UNAVAILABLE, "")


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for this class alone
    kind = _BY_STATUS.get(error.status_code, INVALID if error.status_code < INTERNAL.status else INTERNAL)
    return problem(request.scope, kind, str(error.detail), headers=error.headers)


async def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for this class alone
    wrong = [_wrong(each) for each in error.errors()]
    detail = "; ".join(f"{each.parameter}: {each.expected}; found {each.found}" for each in wrong[:5])
    return problem(request.scope, INVALID, detail, wrong=wrong[:100])


def _wrong(fault: Mapping[str, Any]) -> Wrong:
    where = ".".join(str(part) for part in fault["loc"])
    found = "nothing" if fault["type"] == "missing" else str(fault.get("input"))[:_LONGEST_FOUND]
    return Wrong(parameter=where, expected=str(fault["msg"]), found=found)
