"""The OpenAPI document: every error of every route, each a problem."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.problems import KINDS, MEDIA_TYPE, Problem, Wrong

# Member of an operation that names the least role that may ask, or that anybody may.
ROLE = "x-gridplan-role"
PUBLIC = "public"
_KEY = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "A key that `gridplan keys create` made.",
}
_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
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


def parameters_of(model: type[BaseModel]) -> list[dict[str, Any]]:
    """
    Return the parameters of a query as the document has them, for a route that reads its query itself.

    Parameters
    ----------
    model
        What the query is.
    """
    properties = model.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": schema.get("description", "")}
        for name, schema in properties.items()
    ]


def _secure(made: dict[str, Any], schemes: dict[str, Any]) -> None:
    """Say of every operation that is not for anybody what opens it."""
    made["components"]["securitySchemes"] = schemes
    for item in made["paths"].values():
        for operation in item.values():
            if operation.get(ROLE, PUBLIC) != PUBLIC:
                operation["security"] = [{name: []} for name in schemes]


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
        _secure(made, {"ApiKey": _KEY} | ({} if app.state.tokens is None else {"BearerToken": _TOKEN}))
        app.openapi_schema = made
    return app.openapi_schema
