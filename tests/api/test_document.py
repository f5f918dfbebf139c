"""The whole OpenAPI document, asked by schemathesis: no 5xx, no answer that the document does not have."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from served import OURS, City

from api.app import create_app
from api.documents import PUBLIC, ROLE
from api.settings import Settings
from gridplan.store import Store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
DOCUMENT: dict[str, Any] = create_app(Settings(database_url="sqlite:///never-opened.sqlite")).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 8
# Its answer does not end; test_jobs.py reads it.
ENDLESS = "/v1/jobs/{job_id}/events"
OPERATIONS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in item if path != ENDLESS]


def send(client: TestClient, case: Any) -> Any:
    """Ask what a case asks; a header that no client would send is left out."""
    asked = case.as_transport_kwargs(base_url="http://testserver")
    form = "data" if isinstance(asked.get("data"), dict) else "content"
    body = {"json": asked["json"]} if "json" in asked else {form: asked.get("data")}
    headers = {name: str(value) for name, value in (asked.get("headers") or {}).items() if str(value).isascii()}
    headers = {name: value for name, value in headers.items() if name.lower() != "x-api-key"}
    return client.request(asked["method"], asked["url"], params=asked.get("params"), headers=headers, **body)


@pytest.fixture(scope="module")
def client(template: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return one service for all operations, and an admin's key to it."""
    path = tmp_path_factory.mktemp("document") / "plans.sqlite"
    shutil.copy(template.addresses.parent / "backup.sqlite", path)
    with Store.open(path, clock=template.clock) as store:
        secret = replace(template, store=store).key("admin")
    app = create_app(Settings(database_url=f"sqlite:///{path}", poll_s=3600, jobs=0), clock=template.clock)
    with TestClient(app, raise_server_exceptions=False, headers={"X-API-Key": secret}) as opened:
        yield opened


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_every_operation_answers_as_the_document_says(
    client: TestClient, template: City, path: str, method: str
) -> None:
    operation = SCHEMA[path][method]
    replaced = {"plan_id": template.draft, "other": template.ours, "grid_code": f"{OURS}001001001"}

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        for name in set(replaced) & set(case.path_parameters or {}):
            if len(str(case.path_parameters[name])) % 2:  # half of them lead somewhere
                case.path_parameters[name] = replaced[name]
        case.validate_response(send(client, case), checks=CHECKS)

    ask()


def test_what_is_not_for_everybody_says_what_opens_it() -> None:
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            assert ("security" in operation) == (operation[ROLE] != PUBLIC)
