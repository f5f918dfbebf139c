"""Every route with every role and no key, as the OpenAPI document has them: a new route without a rule fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City

from api.access import PUBLIC, ROLE, needs
from api.app import create_app
from api.settings import Settings
from api.watch import Watch
from gridplan.store.keys import Keys, Role

Asking = Callable[..., TestClient]
DOCUMENT: dict[str, Any] = create_app(Settings(database_url="sqlite:///never-opened.sqlite")).openapi()
METHODS = {"get", "post", "put", "patch", "delete"}
QUERIES = {"/v1/locate": {"lon": 1, "lat": 1}}
BODIES: dict[str, Any] = {
    "/v1/locate/batch": {"points": [[1, 1]]},
    "/v1/plans": {"base": "in-force"},
    "/v1/plans/{plan_id}/edits": {"action": "undo"},
    "/v1/plans/{plan_id}/revise": {"source": "none"},
    "/v1/plans/{plan_id}/replan": {},
    "/v1/incidents": {"category": "noise", "source_id": "again"},
    "/v1/incidents/{incident_id}/transitions": {"action": "nothing"},
    "/v1/incidents/{incident_id}/review": {"grid_code": "nothing"},
    **{f"/open311/v2/requests{form}": {"service_code": "noise", "lat": 1, "long": 1} for form in ("", ".json", ".xml")},
    "/v1/plans/{plan_id}/send-back": {"reason": "x"},
    "/v1/plans/{plan_id}/retire": {"reason": "x", "valid_to": "2020-01-01"},
}

# What is nobody's: services; a tile of the far north-west, where no grids are (test_ogc.py looks into others).
OF_ALL = {
    "service_code": "noise",
    "collection_id": "grids",
    "matrix_id": "WebMercatorQuad",
    "zoom": 6,
    "row": 0,
    "column": 0,
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        yield from ((path, method, item[method]) for method in sorted(METHODS & set(item)))


ROUTES = list(operations())
NAMES = [f"{method} {path}" for path, method, _ in ROUTES]


def ask(client: TestClient, city: City, path: str, method: str, plan: str, grid: str) -> Any:
    other = city.ours if plan == city.ours else plan
    job = {city.ours: city.our_job, city.theirs: city.their_job}.get(plan, "nothing")
    matter = {city.ours: city.our_incident, city.theirs: city.their_incident}.get(plan, "nothing")
    names = {
        "plan_id": plan,
        "other": other,
        "grid_code": grid,
        "feature_id": grid,
        "job_id": job,
        "incident_id": matter,
    }
    full = path.format(**names, **OF_ALL)
    body = BODIES.get(path) if method == "post" else None
    return client.request(method, full, params=QUERIES.get(path), json=body)


def admitted(answer: Any, method: str) -> bool:
    """Tell whether a route let a key in: what is asked for is there; what is to be changed may be refused by state."""
    return answer.status_code in {200, 204} if method == "get" else answer.status_code not in {401, 403, 404, 500, 503}


def kind(answer: Any) -> list[Any]:
    """Return what a refusal says beside the name that was asked for; Open311 has a form of its own."""
    told = answer.json()
    return [each["code"] for each in told] if isinstance(told, list) else [told[n] for n in ("type", "title", "status")]


def test_every_route_of_the_application_is_in_the_document_and_has_a_rule() -> None:
    assert len(ROUTES) >= 9
    rules = {operation.get(ROLE) for _, _, operation in ROUTES}
    assert rules <= {PUBLIC, *Role}
    public = {path for path, _, operation in ROUTES if operation.get(ROLE) == PUBLIC}
    assert public == {"/health/live", "/health/ready", "/"}


@pytest.fixture(scope="module")
def services(template: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Asking]]:
    """Return what gives keys to two services: to one that is only read, and to one that is not."""
    with ExitStack() as opened:
        yield {
            reads: opened.enter_context(serving(template, tmp_path_factory.mktemp("access"))) for reads in (True, False)
        }


@contextmanager
def serving(template: City, folder: Path) -> Iterator[Asking]:
    path = folder / "plans.sqlite"
    shutil.copy(template.addresses.parent / "backup.sqlite", path)
    (path.parent / "workers.csv").write_text(f"网格编码,姓名\n{THEIRS}005001001,赵敏\n{OURS}001001001,陈静\n", "utf-8")
    settings = Settings(database_url=f"sqlite:///{path}", workers=path.parent / "workers.csv", poll_s=3600, jobs=0)
    app = create_app(settings, clock=template.clock)
    with TestClient(app, raise_server_exceptions=False) as client:

        def give(role: Role | str = Role.VIEWER, scope: str = "") -> TestClient:
            client.headers["X-API-Key"] = template.secrets[str(role), scope]
            return client

        yield give


@pytest.fixture
def giving(services: dict[bool, Asking], method: str) -> Asking:
    """Return what gives keys to the service for a method."""
    return services[method == "get"]


@pytest.mark.parametrize(("path", "method", "operation"), ROUTES, ids=NAMES)
def test_every_route_answers_the_roles_that_it_names_alone(
    template: City, giving: Asking, path: str, method: str, operation: dict[str, Any]
) -> None:
    city, asking = template, giving
    grid = f"{OURS}001001001"
    for role in Role:
        answer = ask(asking(role), city, path, method, city.ours, grid)
        allowed = operation[ROLE] == PUBLIC or role.may(Role(operation[ROLE]))
        assert admitted(answer, method) if allowed else answer.status_code == 403, answer.text
    client = asking()
    for secret in ("", "gp_", "gp_0000000000_x", client.headers["X-API-Key"] + "x"):
        client.headers["X-API-Key"] = secret
        answer = ask(client, city, path, method, city.ours, grid)
        assert answer.status_code == (200 if operation[ROLE] == PUBLIC else 401)
    del client.headers["X-API-Key"]
    assert ask(client, city, path, method, city.ours, grid).status_code == (200 if operation[ROLE] == PUBLIC else 401)


@pytest.mark.parametrize(("path", "method", "operation"), ROUTES, ids=NAMES)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_no_route_tells_of_another_district(
    template: City, giving: Asking, path: str, method: str, operation: dict[str, Any], role: Role
) -> None:
    """What is of others is answered, to the last byte, as what does not exist."""
    city, asking = template, giving
    client = asking(role, OURS)
    for plan, grid in ((city.ours, f"{OURS}001001001"), (city.theirs, f"{THEIRS}005001001")):
        answer = ask(client, city, path, method, plan, grid)
        asked = answer.request.url.path
        told = (
            answer.text.replace(city.theirs, "").replace(f"{THEIRS}005001001", "")
            if plan == city.theirs
            else answer.text
        )
        assert THEIRS not in told, asked
        assert "赵敏" not in told
        assert city.theirs not in told
    if set(re.findall(r"{(\w+)}", path)) - set(OF_ALL):
        unknown = ask(client, city, path, method, "nothing", "nothing")
        foreign = ask(client, city, path, method, city.theirs, f"{THEIRS}005001001")
        assert kind(foreign) == kind(unknown)


def test_lists_and_counts_are_those_of_the_scope(city: City, asking: Asking) -> None:
    everything = asking().get("/v1/grids").json()["numberMatched"]
    parts = [asking(scope=scope).get("/v1/grids").json() for scope in (OURS, THEIRS)]
    assert sum(part["numberMatched"] for part in parts) == everything
    assert all(part["numberMatched"] for part in parts)
    narrow = asking(scope=f"{OURS}001001")
    assert [plan["plan_id"] for plan in narrow.get("/v1/plans").json()["plans"]] == [city.ours]
    detail = narrow.get(f"/v1/plans/{city.ours}").json()
    assert (detail["communities"], detail["scope"]) == (1, f"{OURS}001001")
    changes = narrow.get(f"/v1/plans/{city.ours}/diff/{city.ours}").json()
    assert {pair["new_code"][:12] for pair in changes["pairs"]} == {f"{OURS}001001"}
    assert asking(scope="11").get("/v1/grids").status_code == 404


def test_drafts_are_for_planners(city: City, asking: Asking) -> None:
    path = f"/v1/plans/{city.draft}"
    statuses = {role: asking(role).get(path).status_code for role in Role}
    assert statuses == {"viewer": 404, "dispatcher": 404, "planner": 200, "admin": 200}
    assert asking("planner", THEIRS).get(path).status_code == 404
    drafts = asking("planner").get("/v1/plans", params={"state": "draft"}).json()["plans"]
    assert [plan["plan_id"] for plan in drafts] == [city.draft]


def test_a_key_opens_nothing_once_it_expired_or_was_revoked(
    city: City, client: TestClient, fresh: Callable[[], Watch]
) -> None:
    ring = Keys(city.store.engine, city.clock)
    _, secret = ring.create(by="x", role=Role.VIEWER, expires_at=city.clock.now + timedelta(hours=1))
    other, second = ring.create(by="x", role=Role.VIEWER)
    fresh()
    assert [client.get("/v1/plans", headers={"X-API-Key": each}).status_code for each in (secret, second)] == [200, 200]
    city.clock.forward(hours=1)
    assert client.get("/v1/plans", headers={"X-API-Key": secret}).status_code == 401, "at once, by the clock"
    ring.revoke(other.key_id, by="x")
    fresh()
    answer = client.get("/v1/plans", headers={"X-API-Key": second})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "ApiKey")
    assert second not in answer.text


def test_a_role_too_low_is_refused(app: FastAPI, city: City, asking: Asking) -> None:
    app.get("/probe", **needs(Role.PLANNER))(lambda: {})
    answers = {role: asking(role).get("/probe") for role in Role}
    assert {role: answer.status_code for role, answer in answers.items()} == {
        "viewer": 403, "dispatcher": 403, "planner": 200, "admin": 200
    }  # fmt: skip
    assert answers[Role.VIEWER].json()["type"] == "urn:gridplan:problem:forbidden"
