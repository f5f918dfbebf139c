"""What an operator looks at: the audit log over HTTP, metrics, the log, and how often a key may ask."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from served import OURS, THEIRS, City, middle, our_plan

from api.access import ViewOf, needs
from api.app import create_app
from api.limits import Limiter
from api.logs import log_config
from api.settings import Settings
from gridplan.store import chain
from gridplan.store.keys import Role

Asking = Callable[..., TestClient]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the service logs, as `gridplan serve` configures it."""
    stream = io.StringIO()
    values = log_config()
    values["handlers"]["lines"]["stream"] = stream
    before = {name: list(logging.getLogger(name).handlers) for name in values["loggers"]}
    logging.config.dictConfig(values)
    yield stream
    for name, handlers in before.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = handlers, True
        logger.setLevel(logging.NOTSET)


def test_admins_read_the_audit_log_of_their_scope(asking: Asking, city: City) -> None:
    whole = asking("admin").get("/v1/audit").json()["records"]
    assert [record["number"] for record in whole] == list(range(len(whole), 0, -1))
    assert {"plan.publish", "key.create"} <= {record["action"] for record in whole}
    client = asking("admin", OURS)
    mine = client.get("/v1/audit", params={"action": "plan"}).json()["records"]
    assert [(each["action"], each["subject"]) for each in mine] == [
        ("plan.save", city.draft), ("plan.publish", city.ours), ("plan.save", city.ours)
    ]  # fmt: skip
    assert not any("number" in each or "previous" in each for each in mine)
    assert THEIRS not in client.get("/v1/audit").text
    (found,) = client.get("/v1/audit", params={"actor": "王强", "action": "plan.publish", "subject": city.ours}).json()[
        "records"
    ]
    assert found["id"] == mine[1]["id"]
    assert client.get("/v1/audit", params={"from": "2099-01-01"}).json()["records"] == []


def test_pages_of_the_audit_log_hold_every_record_once(asking: Asking) -> None:
    client = asking("admin", OURS)
    whole = [record["id"] for record in client.get("/v1/audit").json()["records"]]
    path, seen = "/v1/audit?limit=2&from=2026-01-01", []
    while path:
        page = client.get(path).json()
        seen += [record["id"] for record in page["records"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert seen == whole
    foreign = next(
        record["id"]
        for record in asking("admin").get("/v1/audit").json()["records"]
        if record["scope"].startswith(THEIRS)
    )
    for bad in (f"after={foreign}", "after=x", "from=yesterday", "limit=0", "actor=%00", "to=9999-12-31T23:59-12:00"):
        assert asking("admin", OURS).get(f"/v1/audit?{bad}").status_code == 400, bad


def test_what_a_view_records_names_key_and_request(asking: Asking, app: FastAPI, city: City) -> None:
    @app.get("/probe", **needs(Role.VIEWER))
    def probe(view: ViewOf) -> dict[str, str]:
        view.record("incident.read", "i-1", {"fields": ["phone"]})
        return {}

    client = asking("dispatcher", OURS)
    assert client.get("/probe", headers={"X-Request-ID": "r-7"}).status_code == 200
    last = city.store.audit.entries(limit=1)[0]
    assert (last.action, last.request_id, last.scope) == ("incident.read", "r-7", OURS)
    assert last.details == {"key": last.actor, "fields": ["phone"]}
    assert client.headers["X-API-Key"] not in repr(last)
    assert chain.request.get() == ""


def test_metrics_count_by_route_and_outcome_and_only_operators_read_them(asking: Asking) -> None:
    client = asking("viewer")
    lon, lat = middle(our_plan(), 0)
    for place in ((lon, lat), (0, 0)):
        client.get("/v1/locate", params={"lon": place[0], "lat": place[1]})
    client.post("/v1/locate/batch", json={"points": [[lon, lat], [lon, lat], [None, 1]]})
    client.get("/v1/grids/no-such-grid")
    client.request("BREW", "/v1/grids/x")
    assert client.get("/metrics").status_code == 403
    assert asking("admin", OURS).get("/metrics").status_code == 403
    text = asking("admin").get("/metrics").text
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    lookups = {key[2][1]: value for key, value in found.items() if key[0] == "gridplan_lookups_total"}
    assert lookups == {"inside": 3, "none": 1, "invalid": 1}
    route = [("method", "GET"), ("route", "/v1/grids/{grid_code}"), ("status", "404")]
    assert found["gridplan_request_seconds_count", *route] == 1
    assert (found["gridplan_ready",], found["gridplan_plans_in_force",]) == (1, 2)
    assert found["gridplan_jobs", ("state", "queued")] == 0
    assert not any(secret in text for secret in ("no-such-grid", "BREW", OURS, client.headers["X-API-Key"]))


def test_this_machine_reads_metrics_without_a_key(city: City) -> None:
    url = city.store.engine.url.render_as_string(hide_password=False)
    with TestClient(create_app(Settings(database_url=url)), client=("127.0.0.1", 5)) as near:
        assert near.get("/metrics").status_code == 200
    with TestClient(create_app(Settings(database_url=url)), client=("10.0.0.9", 5)) as far:
        assert far.get("/metrics").status_code == 401


@pytest.mark.parametrize("app", [True], indirect=True)
def test_the_log_tells_of_requests_and_nothing_of_what_they_ask(
    asking: Asking, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = asking()
    lon, lat = middle(our_plan(), 0)
    secret = "张三 13800138000 龙方路3号"
    client.get("/v1/locate", params={"lon": lon, "lat": lat}, headers={"X-Request-ID": "r-1"})
    client.get("/v1/locate", params={"address": secret})
    client.get("/v1/locate", params={"address": secret, "lon": secret})
    client.post("/v1/locate/batch", content=secret.encode())

    def broken(*_: object) -> None:
        raise ValueError(f"cannot read {secret}")

    monkeypatch.setattr("api.routes.locate.locator_of", broken)
    assert client.get("/v1/locate", params={"address": secret}).status_code == 500
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    answered = [line for line in lines if line["message"] == "answered"]
    assert [line["status"] for line in answered] == [200, 200, 400, 400, 500]
    assert {line["route"] for line in answered} == {"/v1/locate", "/v1/locate/batch"}
    assert answered[0]["request_id"] == "r-1"
    (fault,) = [line["faults"] for line in lines if line["message"] == "unforeseen"]
    assert fault[0] == "ValueError"
    assert any("test_operation.py" in frame and "in broken" in frame for frame in fault)
    for told in ("张三", "13800138000", "龙方路", str(lon)[:8], client.headers["X-API-Key"]):
        assert told not in log.getvalue()


def test_who_asks_too_often_is_told_when_to_come_back(city: City) -> None:
    url = city.store.engine.url.render_as_string(hide_password=False)
    hasty, other = city.key(), city.key()
    with TestClient(create_app(Settings(database_url=url, rate="3/hour"), clock=city.clock)) as client:
        answers = [client.get("/v1/plans", headers={"X-API-Key": hasty}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[3].json()["type"] == "urn:gridplan:problem:too-many-requests"
        assert 1 <= int(answers[3].headers["retry-after"]) <= 3600
        assert client.get("/v1/plans", headers={"X-API-Key": other}).status_code == 200
        assert client.get("/health/live").status_code == 200


def test_a_rate_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        Settings(rate="often")
    with pytest.raises(ValueError, match="expected oidc_issuer, oidc_audience and oidc_jwks"):
        Settings(oidc_issuer="https://a.b")
    Limiter("").take("any", 10**9)


def test_a_folder_shared_by_workers_gives_the_sums_of_all(tmp_path: Path) -> None:
    """Two processes count; each answers what both did, and what one that ended did."""
    import subprocess
    import sys

    program = (
        "import sys; from api.metrics import Metrics; m = Metrics()\n"
        "m.looked_up('point', ['inside'] * int(sys.argv[1]))\n"
        "m.observe(ready=True, plans=2, held=1, pool={}); print(m.text().decode()); m.close()"
    )
    for count in (2, 3):
        done = subprocess.run(
            [sys.executable, "-c", program, str(count)],
            env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
    assert 'gridplan_lookups_total{kind="point",outcome="inside"} 5.0' in done.stdout
    assert "gridplan_ready 1.0" in done.stdout, "the first is gone"
    assert "gridplan_plans_in_force 2.0" in done.stdout
