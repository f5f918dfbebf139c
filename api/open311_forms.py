"""The forms of Open311: JSON and XML of the same answers, bodies read, errors as the standard has them.

XML is written and never parsed.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.answers import JSON
from api.open311_models import Fault

XML = "text/xml"
_MOST_FIELDS = 100
# What XML 1.0 cannot hold.
_UNTELLABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Given = TypeVar("Given", bound=BaseModel)


class Open311Route(APIRoute):
    """A route whose errors, whatever they are, are told as the standard wants them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with the errors told."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                return await _refused(request, error)

        return told


async def _refused(request: Request, error: Exception) -> Response:
    """Say what the service says of an error, in the form of the standard; what it does not foresee goes on."""
    known = request.app.exception_handlers
    handler = next((known[kind] for kind in type(error).__mro__ if kind in known), None)
    if handler is None:
        raise error
    problem: Response = await handler(request, error)
    said = json.loads(bytes(problem.body))
    body, media_type = written(request, [{"code": said["status"], "description": said["detail"]}], "errors", "error")
    kept = {name: value for name, value in problem.headers.items() if name not in {"content-type", "content-length"}}
    return Response(body, problem.status_code, kept, media_type)


def wants_xml(request: Request) -> bool:
    """Tell whether XML is asked for: by the end of the path, or by the header Accept where the path says nothing."""
    path = request.url.path
    if path.endswith((".json", ".xml")):
        return path.endswith(".xml")
    first = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()
    return first in {XML, "application/xml"}


def written(request: Request, values: Any, root: str, item: str = "") -> tuple[str, str]:
    """
    Return an answer as text, and its media type.

    Parameters
    ----------
    request
        What is answered.
    values
        Plain values: a mapping, or a list of them.
    root, item
        Names in XML of the whole and of each of a list.
    """
    if not wants_xml(request):
        return json.dumps(values, ensure_ascii=False), JSON
    made = ET.Element(root)
    _fill(made, values, item)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(made, encoding="unicode"), XML


def _fill(element: ET.Element, value: Any, item: str) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            _fill(ET.SubElement(element, name), each, item)
    elif isinstance(value, list):
        for each in value:
            _fill(ET.SubElement(element, item), each, item)
    elif isinstance(value, bool):
        element.text = str(value).lower()
    elif value is not None:
        element.text = _UNTELLABLE.sub("", str(value))


async def read_body(request: Request, model: type[Given]) -> Given:
    """
    Read a body: a form as browsers send it, or JSON.

    Parameters
    ----------
    request
        What is asked.
    model
        What it must be.

    Raises
    ------
    RequestValidationError
        If it is not; all that is wrong.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    given = _json(await request.body()) if kind == JSON else _form(await request.body())
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None


def _json(body: bytes) -> Any:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _unreadable("JSON in UTF-8") from None
    return {name: each for name, each in found.items() if each is not None} if isinstance(found, dict) else found


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _unreadable(
            f"a form of at most {_MOST_FIELDS} fields in UTF-8 (application/x-www-form-urlencoded)"
        ) from None
    twice = sorted({name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1})
    if twice:
        raise _unreadable(f"each field once, not {', '.join(twice)[:100]} twice")
    return dict(pairs)


def _unreadable(expected: str) -> RequestValidationError:
    return RequestValidationError([{"type": "body", "loc": ("body",), "msg": f"expected {expected}", "input": "other"}])


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return what the document says of a body that `read_body` reads."""
    schema = model.model_json_schema()
    kinds = ("application/x-www-form-urlencoded", JSON)
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}


def told_as(declared: Mapping[str, Any], model: Any, statuses: Sequence[int] = (200,)) -> dict[str, Any]:
    """
    Return what a route is declared with, its answers and errors in both forms.

    Parameters
    ----------
    declared
        As of `api.access.needs`.
    model
        Of its answer.
    statuses
        Of its answer.
    """
    text = {XML: {"schema": {"type": "string"}}}
    errors = {
        status: {
            **{name: said[name] for name in ("description", "headers") if name in said},
            "model": list[Fault],
            "content": text,
        }
        for status, said in declared["responses"].items()
        if status != "default"
    }
    right = {status: {"model": model, "content": text, "description": "Done"} for status in statuses}
    # What fails before a route is reached is told as everywhere in the service.
    return {**declared, "responses": {**errors, **right, "default": declared["responses"]["default"]}}
