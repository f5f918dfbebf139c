"""The audit log: every step is in it, in the transaction of what it tells; whatever is altered is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from stored import Clock
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.errors import PlanStateError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store, chain
from gridplan.store.audit import Filters, read_anchors
from gridplan.store.engine import writing
from gridplan.store.keys import Keys, Role
from gridplan.store.tables import audit


def filled(store: Store, clock: Clock, count: int = 6) -> None:
    for number in range(count):
        clock.forward(minutes=1)
        store.audit.record(
            "incident.read", f"热线{number % 2}", f"i-{number}", {"n": number}, scope=f"23071{number % 3}"
        )


def unguarded(store: Store, *statements: str) -> None:
    """Change the table as one who owns the database can: without its triggers."""
    sqlite = store.engine.dialect.name == "sqlite"
    names = ["insert", "update", "delete"] if sqlite else ["insert ON audit", "changed ON audit"]
    with writing(store.engine) as connection:
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER guard_audit_{name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_every_step_is_recorded_with_what_it_tells_of(store: Store, drawn_plan: Plan, clock: Clock) -> None:
    key, secret = Keys(store.engine, clock).create(by="王强", role=Role.VIEWER, scope="230718", name="热线")
    token = chain.request.set("r-1")
    first = store.publish(drawn_plan, by="王强", reason="首次").plan_id
    chain.request.reset(token)
    draft = store.save_draft(store.begin(first), author="李娜").plan_id
    edited = store.load(draft).rename(drawn_plan.grids["grid_code"].iloc[0], "新名", author="李娜")
    store.save_edits(draft, edited)
    store.submit(draft, by="李娜")
    store.approve(draft, by="王强", reason="同意")
    store.publish(draft, by="王强")
    Keys(store.engine, clock).revoke(key.key_id, by="赵敏")
    found = store.audit.entries()[::-1]
    assert [entry.number for entry in found] == list(range(1, 11))
    assert [(entry.action, entry.actor) for entry in found] == [
        ("key.create", "王强"), ("plan.save", "王强"), ("plan.publish", "王强"), ("plan.save", "李娜"),
        ("plan.edit", "李娜"), ("plan.submit", "李娜"), ("plan.approve", "王强"), ("plan.supersede", "王强"),
        ("plan.publish", "王强"), ("key.revoke", "赵敏"),
    ]  # fmt: skip
    assert {entry.scope for entry in found} == {"230718", store.info(first).scope}
    assert [entry.request_id for entry in found[:4]] == ["", "r-1", "r-1", ""]
    assert found[2].details["reason"] == "首次"
    assert found[6].details["digest"] == store.history(draft)[-1].digest
    assert secret not in repr(found)
    assert store.audit.verify() == chain.Verdict(10, found[-1].digest)


def test_a_record_stands_or_falls_with_what_it_tells_of(store: Store, drawn_plan: Plan) -> None:
    plan = store.save_draft(drawn_plan, author="x")
    before = store.audit.entries()
    with pytest.raises(PlanStateError):
        store.approve(plan.plan_id, by="x")
    with writing(store.engine) as connection:
        store.audit.record("incident.open", "x", connection=connection)
        connection.rollback()
    assert store.audit.entries() == before


def test_what_is_found_is_what_was_asked_for(store: Store, clock: Clock) -> None:
    begun = clock.now
    filled(store, clock)
    log = store.audit

    def numbers(**by: object) -> list[int]:
        return [entry.number for entry in log.entries(Filters(**by))]  # type: ignore[arg-type]

    assert numbers() == [6, 5, 4, 3, 2, 1]
    assert numbers(actor="热线0") == [5, 3, 1]
    assert numbers(subject="i-3") == [4]
    assert numbers(scope="230711") == [5, 2]
    assert numbers(action="incident") == numbers(action="incident.read") == numbers()
    assert numbers(action="incid") == numbers(action="incident%") == []
    assert numbers(start=begun + timedelta(minutes=2), end=begun + timedelta(minutes=4)) == [3, 2]
    assert [entry.number for entry in log.entries(before=4, limit=2)] == [3, 2]
    digest = log.entries()[0].digest
    assert (log.number_of(digest), log.number_of(digest, "230712"), log.number_of(digest, "230711")) == (6, 6, None)


@pytest.mark.parametrize(
    ("statement", "broken", "why"),
    [
        ("UPDATE audit SET actor = 'x' WHERE number = 3", 3, "changed"),
        ("UPDATE audit SET details = '{\"n\":9}' WHERE number = 3", 3, "changed"),
        ("UPDATE audit SET details = '{ \"n\": 2}' WHERE number = 3", 3, "cannot be read"),
        ("UPDATE audit SET details = 'x' WHERE number = 3", 3, "cannot be read"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 1", 1, "changed"),
        ("DELETE FROM audit WHERE number = 3", 3, "missing"),
        ("DELETE FROM audit WHERE number = 1", 1, "missing"),
        ("UPDATE audit SET number = 9 WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 4; "
         "UPDATE audit SET number = 4 WHERE number = 9", 3, "changed"),
        ("UPDATE audit SET previous = (SELECT digest FROM audit WHERE number = 1) WHERE number = 3", 3, "changed"),
    ],
)  # fmt: skip
def test_what_was_altered_is_named(store: Store, clock: Clock, statement: str, broken: int, why: str) -> None:
    filled(store, clock)
    unguarded(store, *statement.split(";"))
    verdict = store.audit.verify()
    assert (verdict.broken, verdict.count) == (broken, broken - 1)
    assert why in verdict.why


def forge(store: Store, number: int) -> None:
    """Alter a record, and write it and all after it anew, each with its right digest: the chain is whole again."""
    rows = store.audit.entries()[::-1]
    head = rows[number - 2].digest
    for entry in rows[number - 1 :]:
        made = chain.Entry(**{**vars(entry), "actor": "nobody", "previous": head})
        head = made.computed()
        values = {"actor": "nobody", "previous": made.previous, "digest": head}
        with writing(store.engine) as connection:
            connection.execute(sa.update(audit).where(audit.c.number == entry.number).values(values))


@pytest.mark.parametrize("how", ["cut", "forge"])
def test_what_was_known_before_finds_what_the_chain_alone_cannot(
    store: Store, clock: Clock, tmp_path: Path, how: str
) -> None:
    filled(store, clock)
    store.audit.export(tmp_path / "log.jsonl")
    anchors = read_anchors(tmp_path / "log.jsonl")
    filled(store, clock, 2)
    assert store.audit.verify(anchors).broken is None
    unguarded(store, *(["DELETE FROM audit WHERE number >= 5"] if how == "cut" else []))
    if how == "forge":
        forge(store, 4)
    assert store.audit.verify().broken is None
    verdict = store.audit.verify(anchors)
    assert (verdict.broken, verdict.count) == ((5, 4) if how == "cut" else (4, 3))
    last = {max(anchors): anchors[max(anchors)]}
    assert store.audit.verify(last).broken == (5 if how == "cut" else 6)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 6",
        "INSERT INTO audit SELECT 7, at, action, actor, subject, scope, details, request_id, previous, 'x' FROM audit "
        "WHERE number = 6",
        "INSERT INTO audit SELECT 8, at, action, actor, subject, scope, details, request_id, digest, 'x' FROM audit "
        "WHERE number = 6",
    ],
)
def test_sql_alters_nothing(store: Store, clock: Clock, statement: str) -> None:
    filled(store, clock)
    with pytest.raises(PlanStateError), writing(store.engine) as connection:
        connection.exec_driver_sql(statement)
    assert store.audit.verify().count == 6


def test_writers_at_once_make_one_chain(store: Store) -> None:
    def write(name: str) -> None:
        with Store.open(store.engine.url.render_as_string(hide_password=False)) as own:
            for number in range(5):
                own.audit.record("incident.read", name, str(number))

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.audit.verify().count == 20


def test_a_restore_names_the_end_of_the_log_that_it_replaced(
    store: Store, drawn_plan: Plan, clock: Clock, tmp_path: Path
) -> None:
    store.publish(drawn_plan, by="王强")
    store.backup(tmp_path / "backup.sqlite")
    filled(store, clock)
    head = store.audit.entries(limit=1)[0]
    store.restore(tmp_path / "backup.sqlite", overwrite=True, by="赵敏")
    said = store.audit.entries(limit=1)[0]
    assert (said.number, said.action, said.actor) == (3, "store.restore", "赵敏")
    assert said.details == {"replaced_records": head.number, "replaced_head": head.digest, "replaced_plans": 1}
    assert store.audit.verify().count == 3


def test_what_no_log_can_keep_is_refused_or_made_storable(store: Store) -> None:
    for action, actor, details in (("", "x", {}), ("x", " ", {}), ("x", "x", {"n": float("nan")})):
        with pytest.raises(StoreError):
            store.audit.record(action, actor, "", details)
    store.audit.record("x.y", "a\x00b\ud800", "s", {"t": "\x00\udfff", "f": 0.1 + 0.2, "big": 2**70})
    assert store.audit.entries()[0].details["big"] == 2**70
    assert store.audit.verify().count == 1


def test_by_command(new_url: Callable[[str], str], clock: Clock, tmp_path: Path) -> None:
    url = new_url("sqlite")
    with Store.open(url, clock=clock) as store:
        filled(store, clock)

    def run(*arguments: str, code: int = 0) -> str:
        store = [] if "--file" in arguments else ["--store", url]
        done = CliRunner().invoke(app, ["audit", *arguments, *store])
        assert done.exit_code == code, done.output
        return str(done.output).strip()

    assert [row["number"] for row in json.loads(run("list", "--json", "--actor", "热线0"))] == [5, 3, 1]
    assert "incident.read  热线1  i-5" in run("list", "--limit", "1", "--from", "2026-11-01")
    assert run("list", "--to", "2026-11-01") == ""
    run("list", "--from", "yesterday", code=2)
    log, end = tmp_path / "log.jsonl", tmp_path / "anchor.json"
    assert "7 records" in run("export", str(log), "--by", "赵敏")
    assert "7 条记录" in run("verify", "--anchor", str(end), "--lang", "zh")
    assert run("verify", "--file", str(log), "--against", str(end)).startswith("7 records")
    for damaged in (log.read_text().replace("i-4", "i-5"), log.read_text().replace('"i-4"', '"i-4')):
        log.write_text(damaged)
        assert "record 5:" in run("verify", "--file", str(log), code=1)
    with Store.open(url) as store:
        unguarded(store, "DELETE FROM audit WHERE number > 5")
    run("verify")
    assert "record 6: it is missing" in run("verify", "--against", str(end), code=1)
    assert "第 6 条" in run("verify", "--against", str(end), "--lang", "zh", code=1)
    run("verify", "--against", str(tmp_path / "absent"), code=2)
    run("export", str(tmp_path / "no" / "log.jsonl"), code=2)
