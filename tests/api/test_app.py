"""The application around its routes: pages and tags, health, problems, what the document and docs/service.md say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from served import City, our_plan
from typer.testing import CliRunner

from api.app import create_app
from api.problems import KINDS, MEDIA_TYPE
from api.settings import Settings
from gridplan.cli import app as commands
from gridplan.errors import StoreUnavailableError

Asking = Callable[..., TestClient]
DOCS = Path(__file__).parents[2] / "docs"
PAGE = "\n".join(
    (DOCS / f"{name}.md").read_text("utf-8") for name in ("service", "jobs", "ogc", "incidents", "statistics", "viewer")
)


def test_pages_hold_every_grid_once_and_filters_what_they_say(asking: Asking) -> None:
    client = asking()
    whole = client.get("/v1/grids").json()
    path, seen = "/v1/grids?limit=3&geometry=false", []
    while path:
        page = client.get(path).json()
        assert page["numberReturned"] == len(page["features"]) <= 3
        seen += [feature["id"] for feature in page["features"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == [feature["id"] for feature in whole["features"]] == sorted(seen)
    west, south, east, north = our_plan().grids.to_crs(4326).total_bounds
    near = client.get("/v1/grids", params={"bbox": f"{west},{south},{(west + east) / 2},{north}"}).json()
    assert 0 < near["numberMatched"] < len(seen)
    some = client.get("/v1/grids", params={"min_households": 400, "max_households": 450, "kind": "basic"}).json()
    asked = [row["properties"] for row in whole["features"] if 400 <= row["properties"]["households"] <= 450]
    assert [row["properties"] for row in some["features"]] == asked
    for bad in ("bbox=1,2,3", "bbox=3,1,2,4", "bbox=nan,0,1,1", "limit=0", "limit=1001", "knd=basic"):
        assert client.get(f"/v1/grids?{bad}").status_code == 400


def test_who_has_an_answer_is_told_so(asking: Asking) -> None:
    first = asking().get("/v1/grids")
    again = asking().get("/v1/grids", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "private, no-cache"


def test_ready_turns_false_and_back_and_lookups_go_on(
    app: FastAPI, asking: Asking, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, watch = asking(), app.state.watch

    def gone(_: object) -> None:
        raise StoreUnavailableError("the store /secret/place does not answer")

    with monkeypatch.context() as broken:
        broken.setattr("api.watch.read_version", gone)
        with pytest.raises(StoreUnavailableError):
            watch.look()
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert client.get("/health/live").status_code == 200
        assert client.get("/v1/grids").status_code == 200
    watch.look()
    assert client.get("/health/ready").json() == {"status": "ready"}


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailableError("at /secret/place"), 503), (RuntimeError("in /secret/place"), 500)]
)
def test_faults_of_the_inside_tell_nothing_of_it(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    client = asking()

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("api.routes.grids._chosen", broken)
    answer = client.get("/v1/grids", headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc-1"


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    for path, method, status in (("/nothing", "GET", 404), ("/v1/plans", "DELETE", 405), ("/docs", "GET", 404)):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)


def test_no_page_of_another_origin_may_ask_unless_it_is_set(client: TestClient) -> None:
    assert "access-control-allow-origin" not in client.get("/health/live", headers={"Origin": "http://a.b"}).headers
    with_cors = create_app(Settings(database_url="sqlite:///x.sqlite", cors_origins=("http://a.b",)))
    answer = TestClient(with_cors).get("/health/live", headers={"Origin": "http://a.b"})
    assert answer.headers["access-control-allow-origin"] == "http://a.b"


def test_the_document_names_every_error_and_the_page_every_route_setting_and_kind() -> None:
    document = create_app(Settings(database_url="sqlite:///never.sqlite")).openapi()
    assert "HTTPValidationError" not in json.dumps(document)
    for path, item in document["paths"].items():
        # Open311 answers each path as JSON and XML too, and tells errors in a shape of its own.
        standard = path.startswith("/open311")
        assert re.sub(r"\.(json|xml)$", "", path) in PAGE
        for operation in item.values():
            answers = operation["responses"].items()
            told = {"text/xml", "application/json", MEDIA_TYPE} if standard else {MEDIA_TYPE}
            problems = {code for code, answer in answers if told & set(answer.get("content", {}))}
            assert {"500", "503", "default"} <= problems
    assert [kind.name for kind in KINDS if not re.search(rf"`{kind.name}`.*{kind.status}", PAGE)] == []
    assert [name for name in Settings.model_fields if f"GRIDPLAN_{name.upper()}" not in PAGE] == []


def test_keys_by_command(tmp_path: Path) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        store = ["--store", str(tmp_path / "plans.sqlite")]
        done = CliRunner().invoke(commands, ["keys", *arguments, *store])
        assert done.exit_code == code, done.output
        return str(done.output).strip()

    secret = run("create", "--role", "dispatcher", "--scope", "230718", "--days", "2", "--by", "王强")
    (listed,) = json.loads(run("list", "--json"))
    assert secret.startswith(f"gp_{listed['key_id']}_")
    assert secret not in run("list")
    assert "digest" not in listed
    assert "已吊销" in run("revoke", listed["key_id"], "--lang", "zh")
    assert "revoked" in run("list")
    run("revoke", listed["key_id"], code=2)
    run("create", "--scope", "2307/8", code=2)
