"""What machines and their keepers do to a service: a full disk, a clock that is set, damage, a store of last year."""

from __future__ import annotations

import json
import logging
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from processes import Service, served
from served import OURS, City, middle, our_plan
from typer.testing import CliRunner

from api.app import create_app
from api.limits import Limiter
from api.problems import ProblemError
from api.settings import Settings
from api.watch import Watch
from gridplan.cli import app as commands
from gridplan.errors import StoreDamagedError
from gridplan.store import Store, migrate
from gridplan.store.engine import database_url, open_engine, writing
from gridplan.store.keys import Keys, Role

Asking = Callable[..., TestClient]
Fresh = Callable[[], Watch]
HERE = middle(our_plan(), 0)
LOCATE = f"/v1/locate?lon={HERE[0]}&lat={HERE[1]}"


def test_a_full_disk_is_told_and_nothing_is_lost(city: City, tmp_path: Path) -> None:
    """The system takes no more of what the service writes, as a full disk or a quota does."""
    kept = [city.draft]
    with served(str(tmp_path / "plans.sqlite")) as service:
        service.secret = city.key(Role.PLANNER, OURS)
        service.until("/v1/plans", 200)
        kept.append(begun(service)[1]["plan_id"])
        _, no_limit = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1, no_limit))
        status, said, headers = begun(service)
        assert (status, said["type"], headers["retry-after"]) == (503, "urn:gridplan:problem:unavailable", "5")
        assert str(tmp_path) not in json.dumps(said)
        for _ in range(5):
            status, said, headers = service.ask("/health/ready")
            assert (status, said["reason"], headers["retry-after"]) == (503, "store-unavailable", "5")
            assert service.ask(LOCATE)[1]["plan_id"] == city.ours, "from memory"
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))
        service.until("/health/ready", 200)
        kept.append(begun(service)[1]["plan_id"])
    assert {plan.plan_id for plan in city.store.plans(state="draft")} == set(kept)
    assert city.store.verify()
    assert city.store.audit.verify().broken is None


def begun(service: Service) -> tuple[int, Any, dict[str, str]]:
    return service.ask("/v1/plans", {"base": "in-force"})


def test_no_room_for_a_body_is_no_fault_of_the_service(app: Any, client: TestClient) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device", "/srv/secret")

    app.get("/full")(full)
    answer = client.get("/full")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "secret" not in answer.text


def test_keys_that_expired_stay_so_when_the_clock_is_set_back(city: City, client: TestClient, fresh: Fresh) -> None:
    ring = Keys(city.store.engine, city.clock)
    _, secret = ring.create(by="x", role=Role.VIEWER, expires_at=city.clock.now + timedelta(hours=1))
    fresh()
    statuses = []
    for hours in (0, 2, -7):
        city.clock.forward(hours=hours)
        statuses.append(client.get("/v1/plans", headers={"X-API-Key": secret}).status_code)
    assert statuses == [200, 401, 401]


def test_matters_and_their_record_go_on_in_order_whatever_the_clock_does(city: City, asking: Asking) -> None:
    clerk = asking(Role.ADMIN)
    path = "/v1/incidents/{}/transitions"
    opened = clerk.post("/v1/incidents", json={"category": "noise", "lon": HERE[0], "lat": HERE[1]}).json()
    steps = [
        (-5, "file", {}), (26, "dispatch", {}), (-3, "pause", {"reason": "待料"}), (-9, "resume", {}),
        (40, "escalate", {"reason": "超时"}), (-60, "handle", {}), (0, "check", {}), (0, "close", {}),
    ]  # fmt: skip
    for hours, action, more in steps:
        city.clock.forward(hours=hours)
        answer = clerk.post(path.format(opened["incident_id"]), json={"action": action, **more})
        assert answer.status_code == 200, answer.text
        refused = clerk.post(path.format(opened["incident_id"]), json={"action": "none such"}).json()
        assert set(refused["legal"]) == {each["action"] for each in answer.json()["legal"]}
    file = clerk.get(f"/v1/incidents/{opened['incident_id']}").json()
    assert [step["sequence"] for step in file["steps"]] == list(range(1, len(steps) + 2))
    assert [step["action"] for step in file["steps"][1:]] == [action for _, action, _ in steps]
    assert file["closed_at"] >= file["reported_at"], "nothing ends before it begins"
    assert clerk.get("/v1/stats/grids", params={"from": "2026-11-01", "to": "2026-11-04"}).status_code == 200
    numbers = [record["number"] for record in clerk.get("/v1/audit", params={"limit": 500}).json()["records"]]
    assert numbers == list(range(len(numbers), 0, -1))
    assert city.store.audit.verify().broken is None


def test_a_rate_is_counted_anew_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1e9]
    monkeypatch.setattr("time.time", lambda: now[0])
    limiter = Limiter("2/minute")
    for hours, taken in ((0, 2), (-5, 2), (7, 2)):
        now[0] += hours * 3600
        for _ in range(taken):
            limiter.take("a")
        with pytest.raises(ProblemError) as caught:
            limiter.take("a")
        assert 1 <= int(caught.value.headers["Retry-After"]) <= 60


HARMS = {
    "a chunk": "UPDATE chunks SET data = zeroblob(length(data)) WHERE digest IN (SELECT digest FROM parts WHERE "
    "plan_id = ? AND layer = 'grids')",
    "half a layer": "DELETE FROM parts WHERE plan_id = ? AND layer = 'grids' AND position = 1",
    "another layer": "UPDATE parts SET digest = (SELECT digest FROM parts WHERE layer = 'grids' LIMIT 1) WHERE "
    "plan_id = ? AND layer = 'grids'",
    "a chunk gone": "DELETE FROM chunks WHERE digest IN (SELECT digest FROM parts WHERE plan_id = ? AND "
    "layer = 'grids')",
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_poisoned_plan_never_takes_the_place_of_the_one_in_force(
    city: City, asking: Asking, fresh: Fresh, caplog: pytest.LogCaptureFixture, tmp_path: Path, harm: str
) -> None:
    client = asking(Role.PLANNER, OURS)
    revoked = city.key(Role.VIEWER)
    fresh()
    before = client.get("/v1/grids").json()
    merged = city.store.begin(city.ours).by("李娜").merge(*our_plan().grids["grid_code"].iloc[:2], force=True)
    poisoned = city.store.publish(merged, by="王强").plan_id
    city.store.backup(tmp_path / "good.sqlite")
    with closing(sqlite3.connect(str(city.store.engine.url.database))) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        assert raw.execute(HARMS[harm], [poisoned]).rowcount
    Keys(city.store.engine, city.clock).revoke(revoked, by="王强")
    with pytest.raises(StoreDamagedError, match=f"plan {poisoned} is damaged"):
        fresh()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "store-damaged")
    assert client.get("/v1/grids").json() == before
    assert client.get(LOCATE).json()["plan_id"] == city.ours
    assert client.get("/v1/plans", headers={"X-API-Key": revoked}).status_code == 401, "keys are as they are now"
    with caplog.at_level(logging.ERROR):
        refused = client.get(f"/v1/plans/{poisoned}/grids")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert poisoned in caplog.text
    with closing(sqlite3.connect(str(city.store.engine.url.database))) as raw, raw:
        raw.execute("ATTACH ? AS good", [str(tmp_path / "good.sqlite")])
        for table in ("chunks", "parts"):
            raw.execute(f"DELETE FROM {table}")
            raw.execute(f"INSERT INTO {table} SELECT * FROM good.{table}")
    fresh()
    assert client.get("/health/ready").status_code == 200
    assert client.get(LOCATE).json()["plan_id"] == poisoned


def test_a_damaged_file_is_told_as_such(city: City, asking: Asking, fresh: Fresh) -> None:
    client = asking(Role.ADMIN)
    file = Path(str(city.store.engine.url.database))
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, size = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'publications'").fetchone()[0], 4096
    data = bytearray(file.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(bytes(data))
    with pytest.raises(StoreDamagedError, match="restore a backup"):
        fresh()
    assert client.get("/health/ready").json()["reason"] == "store-damaged"
    assert client.get(LOCATE).json()["plan_id"] == city.ours


def test_a_store_of_an_older_gridplan_is_migrated_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    engine = open_engine(database_url(url))
    with writing(engine) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        command.upgrade(config, "0004")
    secret = Keys(engine).create(by="x", role=Role.VIEWER)[1]
    engine.dispose()
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", url)
    refused = CliRunner().invoke(commands, ["serve"])
    assert (refused.exit_code, "gridplan db migrate" in refused.output) == (2, True)
    assert CliRunner().invoke(commands, ["db", "migrate"]).exit_code == 0
    with Store.open(url) as store, TestClient(create_app(Settings())) as client:
        assert client.get("/v1/plans", headers={"X-API-Key": secret}).status_code == 200, "nothing was lost"
        assert store.audit.verify().count == 1
