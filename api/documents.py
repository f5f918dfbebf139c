"""The OpenAPI document: every error of every route, each a problem."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import KINDS, MEDIA_TYPE, Problem, Wrong

_REFERENCE = "#/components/schemas/{model}"


def errors_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """
    Return the answers of a route that are problems, as FastAPI takes them.

    Parameters
    ----------
    statuses
        HTTP statuses.
    """
    found: dict[int | str, dict[str, Any]] = {status: _answer(status) for status in sorted(statuses)}
    return found | {"default": {"description": "Any other error", "content": _content()}}


def _answer(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind.status == status]
    said = "; ".join(f"{kind.title} ({kind.type})" for kind in kinds)
    headers = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return {"description": said, "content": _content()} | ({"headers": headers} if status in {429, 503} else {})


def _content() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}


def _take_tokens(made: dict[str, Any]) -> None:
    """Say that whatever takes a key takes a bearer token as well."""
    schemes = made["components"].setdefault("securitySchemes", {})
    schemes["BearerToken"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for item in made["paths"].values():
        for operation in item.values():
            if operation.get("security"):
                operation["security"].append({"BearerToken": []})


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, Wrong):
            schemas[model.__name__] = model.model_json_schema(ref_template=_REFERENCE)
            schemas[model.__name__].pop("$defs", None)
        if app.state.tokens is not None:
            _take_tokens(made)
        app.openapi_schema = made
    return app.openapi_schema
