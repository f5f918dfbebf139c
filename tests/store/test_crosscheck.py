"""The tables against the log: whatever is changed behind it is named, also where the chain itself is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from stored import Clock
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.incidents.course import Order
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.grounds import ground_of_plans
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.crosscheck import compare
from gridplan.store.engine import writing
from gridplan.store.keys import Keys, Role


@pytest.fixture
def lived(store: Store, drawn_plan: Plan, clock: Clock) -> Store:
    """Return a store with two publications, a draft, keys and an incident that was followed."""
    ring = Keys(store.engine, clock)
    for name in ("热线", "街道"):
        key, _ = ring.create(by="王强", role=Role.VIEWER, scope="230718", name=name)
    ring.revoke(key.key_id, by="赵敏")
    first = store.publish(drawn_plan, by="王强", reason="首次").plan_id
    draft = store.save_draft(store.begin(first), author="李娜").plan_id
    store.save_edits(draft, store.load(draft).rename(drawn_plan.grids["grid_code"].iloc[0], "新名", author="李娜"))
    second = store.publish(draft, by="王强").plan_id
    store.save_draft(store.begin(second), author="李娜")
    at = drawn_plan.grids.geometry.representative_point().to_crs(4326).iloc[0]
    desk = Incidents(store)
    record = {"source_id": "1", "reported_at": clock.now.isoformat(), "category": "noise", "lon": at.x, "lat": at.y}
    opened = desk.open(record, ground_of_plans(store, [second]), by="窗口", source="窗口").incident.incident_id
    for action in ("file", "dispatch"):
        clock.forward(minutes=5)
        desk.step(opened, Order(action, "李娜", clock.now, reason="核实"))
    return store


def unguarded(connection: sa.Connection, statement: str) -> int:
    """Change rows as one who owns the database can: without its triggers."""
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return int(connection.exec_driver_sql(statement).rowcount)


def test_what_was_lived_fits(lived: Store, tmp_path: Path) -> None:
    found = lived.audit.compare()
    assert (found.misfits, found.older) == ((), 0)
    # 7 events, 3 plans, 2 publications, 1 retirement, 2 keys, 2 steps
    assert found.compared == 17
    lived.backup(tmp_path / "backup.sqlite")
    lived.restore(tmp_path / "backup.sqlite", overwrite=True, by="赵敏")
    assert lived.audit.compare().misfits == ()


CHANGES = [
    ("UPDATE keys SET revoked_by = NULL, revoked_at = NULL", "keys", "revoked_at = 2026-", "nothing"),
    ("UPDATE keys SET role = 'admin' WHERE revoked_at IS NULL", "keys", "role = viewer", "admin"),
    ("UPDATE keys SET scope = '' WHERE revoked_at IS NULL", "keys", "scope = 230718", ""),
    ("UPDATE keys SET digest = 'another' WHERE revoked_at IS NULL", "keys", "digest = ", "another"),
    ("INSERT INTO keys SELECT 'forged', name, 'admin', '', 'x', created_by, created_at, NULL, NULL, NULL FROM keys "
     "WHERE revoked_at IS NULL", "keys forged", "no such row", "one"),
    ("DELETE FROM keys WHERE revoked_at IS NULL", "keys", "a row", "none"),
    ("UPDATE publications SET valid_from = '2020-01-01' WHERE number = 1", "publications", "valid_from = 2026-11-02",
     "2020-01-01"),
    ("DELETE FROM retirements", "retirements", "a row", "none"),
    ("UPDATE retirements SET valid_to = '2027-01-01'", "retirements", "valid_to = 2026-11-02", "2027-01-01"),
    ("UPDATE events SET by = '李娜' WHERE action = 'publish'", "events", "by = 王强", "李娜"),
    ("UPDATE events SET reason = '' WHERE reason <> ''", "events", "reason = 首次", ""),
    ("DELETE FROM events WHERE action = 'edit'", "events", "a row", "none"),
    ("UPDATE plans SET digest = 'another' WHERE state = 'draft'", "plans", "digest = ", "another"),
    ("UPDATE plans SET state = 'approved' WHERE state = 'draft'", "plans", "state = draft", "approved"),
    ("UPDATE incident_steps SET by = '王强' WHERE sequence = 2", "incident_steps", "the step 'file'", "another"),
    ("DELETE FROM incident_steps WHERE sequence = 3", "incident_steps", "the step 'dispatch'", "none"),
    ("INSERT INTO incident_steps SELECT incident_id, 4, 'close', state, holder, by, role, at, reason, details FROM "
     "incident_steps WHERE sequence = 3", "incident_steps", "2 steps", "3"),
]  # fmt: skip


def test_what_was_changed_behind_the_log_is_named(lived: Store) -> None:
    for statement, row, expected, said in CHANGES:
        with writing(lived.engine) as connection:
            assert unguarded(connection, statement), statement
            misfits = compare(connection).misfits
            connection.rollback()
        found = [each for each in misfits if expected in each.expected and each.found == said]
        assert any(f"{each.table} {each.row}".startswith(row) for each in found), (statement, misfits)
        assert {each.table for each in misfits} == {row.split()[0]}, (statement, misfits)
    assert lived.audit.compare().misfits == ()


def test_by_command(new_url: Callable[[str], str], drawn_plan: Plan) -> None:
    url = new_url("sqlite")
    with Store.open(url) as store:
        store.publish(drawn_plan, by="王强")

    def run(code: int, *arguments: str) -> str:
        done = CliRunner().invoke(app, ["audit", "verify", "--store", url, *arguments])
        assert done.exit_code == code, done.output
        return str(done.output)

    assert "4 rows of plans, keys and incidents are as the log tells" in run(0)
    with Store.open(url) as store, writing(store.engine) as connection:
        unguarded(connection, "UPDATE publications SET valid_from = '2020-01-01'")
    assert "valid_from = " in run(1)
    assert "4 行中有 1 处与日志不符" in run(1, "--lang", "zh")
