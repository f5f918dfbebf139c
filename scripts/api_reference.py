"""
Write the reference of the HTTP API from its own OpenAPI document: ``python scripts/api_reference.py > docs/api.md``.

A test demands that the file says what this prints.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.app import create_app
from api.settings import Settings

INTRODUCTION = """# The HTTP API

Every route with what it takes and answers, from the OpenAPI document that the service gives at `/openapi.json`. Keys,
roles, scopes and errors are told in [the service](service.md).

`scripts/api_reference.py` writes this page from the service itself; a test holds them together.
"""
VERBS = ("get", "post", "put", "patch", "delete")


def document() -> dict[str, Any]:
    """Return the OpenAPI document of a service over an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{Path(folder) / 'empty.sqlite'}"))
        return dict(app.openapi())


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def _kind(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("const") or schema.get("type") or "any")


def section(path: str, verb: str, route: Mapping[str, Any]) -> str:
    """
    Return the Markdown of one route.

    Parameters
    ----------
    path, verb
        Where it is.
    route
        Its part of the document.
    """
    said = (route.get("description") or route.get("summary") or "").strip()
    lines = [f"### `{verb.upper()} {path}`", "", said, ""]
    rows = [
        f"| `{each['name']}` | {each['in']} | {_cell(_kind(each.get('schema', {})))} | "
        f"{'yes' if each.get('required') else ''} | {_cell(each.get('description', ''))} |"
        for each in route.get("parameters", ())
    ]
    for media, content in route.get("requestBody", {}).get("content", {}).items():
        rows.append(f"| | body, `{media}` | {_cell(_kind(content.get('schema', {})))} | yes | |")
    if rows:
        lines += ["| parameter | in | kind | needed | meaning |", "|---|---|---|---|---|", *rows, ""]
    answers = ", ".join(_answer(status, each["description"]) for status, each in sorted(route["responses"].items()))
    return "\n".join([*lines, f"Answers: {answers}", ""])


def _answer(status: str, description: str) -> str:
    """Return a status with the type of its problem, where it is one."""
    named = re.search(r"urn:gridplan:problem:([\w-]+)", description)
    return f"{status} `{named[1]}`" if named else status


def reference() -> str:
    """Return the whole page."""
    paths = document()["paths"]
    routes = [(path, verb, paths[path][verb]) for path in sorted(paths) for verb in VERBS if verb in paths[path]]
    return "\n".join([INTRODUCTION, *(section(*route) for route in routes)]).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
