"""Documents of OGC API: JSON with links that lead on."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from api.answers import JSON, answer


class SchemaJson(JSONResponse):
    """An answer that is a JSON Schema, as routes are declared with."""

    media_type = "application/schema+json"


def root_of(request: Request) -> str:
    """Return where the service is, as the caller reached it."""
    return str(request.base_url).rstrip("/")


def link(rel: str, href: str, title: str, kind: str = JSON, *, templated: bool = False) -> dict[str, Any]:
    """
    Return a link.

    Parameters
    ----------
    rel, href, title, kind
        What it is, where it leads, for people, and the type of what is there.
    templated
        Whether its address has places to be filled in.
    """
    made = {"rel": rel, "href": href, "type": kind, "title": title}
    return {**made, "templated": True} if templated else made


def page(request: Request, values: dict[str, Any], kind: str = JSON) -> Response:
    """
    Answer with a document.

    Parameters
    ----------
    request
        What is answered.
    values
        The document.
    kind
        Its type.
    """
    return answer(request, json.dumps(values, ensure_ascii=False), kind)
