"""Backups go from either database to either; what is not one is refused, and nothing is lost unasked."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from stored import assert_same
from test_guards import content
from test_life import following

from gridplan.errors import PlanStateError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.engine import writing


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def other(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Store]:
    """Return another empty store, on either database."""
    with Store.open(new_url(request.param)) as opened:
        yield opened


def filled(store: Store, plan: Plan) -> str:
    """Publish twice and leave a draft with edits; return its id."""
    base = store.publish(plan, by="王强").plan_id
    second = store.publish(following(store, base), by="王强").plan_id
    draft = store.save_draft(store.begin(second), author="李娜")
    edited = store.load(draft.plan_id).rename(plan.grids["grid_code"].iloc[-1], "新名", author="赵敏")
    return store.save_edits(draft.plan_id, edited).plan_id


def test_a_store_goes_to_the_other_database_and_lives_on(
    store: Store, other: Store, drawn_plan: Plan, tmp_path: Path
) -> None:
    draft = filled(store, drawn_plan)
    store.backup(tmp_path / "backup.sqlite")
    assert sorted(path.name for path in tmp_path.glob("backup*")) == ["backup.sqlite"]
    other.restore(tmp_path / "backup.sqlite")
    for plan in store.plans():
        assert_same(other.load(plan.plan_id), store.load(plan.plan_id))
        assert other.history(plan.plan_id) == store.history(plan.plan_id)
    assert other.verify() == store.verify()
    with pytest.raises(PlanStateError), writing(other.engine) as connection:
        connection.exec_driver_sql("DELETE FROM publications")
    assert other.publish(draft, by="王强").number == 3
    if other.engine.dialect.name == "postgresql":
        with writing(other.engine) as connection:
            off = "SELECT max(abs(ST_Area(geom) - area_m2)), min(ST_SRID(geom)) FROM grids"
            assert tuple(connection.exec_driver_sql(off).one()) == (pytest.approx(0, abs=1e-6), 4549)


def test_what_a_store_holds_is_lost_only_when_told(store: Store, drawn_plan: Plan, tmp_path: Path) -> None:
    filled(store, drawn_plan)
    store.backup(tmp_path / "backup.sqlite")
    kept = content(store)
    later = store.save_draft(drawn_plan, author="x").plan_id
    with pytest.raises(StoreError, match="the store holds 4 plans"):
        store.restore(tmp_path / "backup.sqlite")
    assert store.info(later)
    store.restore(tmp_path / "backup.sqlite", overwrite=True)
    assert content(store) == kept


def test_what_is_no_whole_backup_is_refused(store: Store, drawn_plan: Plan, tmp_path: Path) -> None:
    filled(store, drawn_plan)
    path, kept = tmp_path / "backup.sqlite", content(store)
    store.backup(path)
    data = path.read_bytes()
    for harm in ("cut", "byte", "text", "absent", "other", "newer"):
        _spoil(path, data, harm)
        with pytest.raises(StoreError):
            store.restore(path, overwrite=True)
        assert content(store) == kept, harm


def _spoil(path: Path, data: bytes, harm: str) -> None:
    path.unlink(missing_ok=True)
    statements = {
        "other": "CREATE TABLE t (a)",
        "newer": "UPDATE alembic_version SET version_num = '9999'",
        "byte": "SELECT data FROM chunks ORDER BY length(data) DESC LIMIT 1",
    }
    if harm in ("newer", "byte"):
        path.write_bytes(data)
    if harm in statements:
        with closing(sqlite3.connect(path)) as spoilt, spoilt:
            found = spoilt.execute(statements[harm]).fetchone()
    if harm == "byte":
        path.write_bytes(_flipped(data, data.index(found[0][200:240])))
    elif harm in ("cut", "text"):
        path.write_bytes(data[: len(data) // 2] if harm == "cut" else b"no backup")


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, drawn_plan: Plan, tmp_path: Path) -> None:
    store.save_draft(drawn_plan, author="x")
    with pytest.raises(StoreError, match="no backup was written"):
        store.backup(tmp_path / "absent" / "backup.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(StoreError, match="no backup was written"):
        store.backup(tmp_path / "folder.sqlite")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".gridplan")] == []


def test_a_backup_is_of_one_moment_while_others_write(store: Store, drawn_plan: Plan, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.save_draft(drawn_plan, author="x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            store.backup(tmp_path / f"{number}.sqlite")
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        with Store.open(tmp_path / f"{number}.sqlite") as saved:
            saved.verify()
            assert all(saved.load(plan.plan_id).equals(drawn_plan) for plan in saved.plans()[-1:])
            assert all(len(saved.history(plan.plan_id)) == 1 for plan in saved.plans())
