"""Answers that may be kept by who asks: an ETag of what is said, and 304 where it was said before."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError

JSON = "application/json"
GEOJSON = "application/geo+json"
Asked = TypeVar("Asked", bound=BaseModel)
# Stands for what a parameter that comes twice says.
_TWICE = ("one value", "found several")

# Kept by the caller alone and asked about each time: what is right may change with the next publication.
_CACHING = {"Cache-Control": "private, no-cache", "Vary": "X-API-Key"}


class GeoJsonResponse(JSONResponse):
    """What routes that answer GeoJSON are declared with, so that the document says so."""

    media_type = GEOJSON


def query_of(request: Request, model: type[Asked]) -> Asked:
    """
    Read a query, as FastAPI would.

    Parameters
    ----------
    request
        What is asked.
    model
        What its query must be.

    Raises
    ------
    RequestValidationError
        If it is not; all that is wrong.
    """
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        given[name] = value if name not in given else _TWICE
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from None


def path_of(request: Request, **changed: str) -> str:
    """
    Return the path of a page, with what was asked for in it.

    Parameters
    ----------
    request
        What is answered.
    changed
        Parameters that are other in the page that is meant.
    """
    given = {**dict(request.query_params), **changed}
    return request.url.path + (f"?{urlencode(given)}" if given else "")


def answer(request: Request, text: str | bytes, media_type: str = JSON) -> Response:
    """
    Answer with a text, or with 304 where the caller has it.

    The tag is made of the text alone, so it tells nothing of what the caller does not see.

    Parameters
    ----------
    request
        What is answered; its header If-None-Match counts.
    text
        The body.
    media_type
        Its type.
    """
    body = text.encode() if isinstance(text, str) else text
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_CACHING, "ETag": tag}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def is_known(given: str, tag: str) -> bool:
    """Tell whether a header If-None-Match names a tag."""
    tags = [each.strip().removeprefix("W/") for each in given.split(",")]
    return given.strip() == "*" or tag.removeprefix("W/") in tags
