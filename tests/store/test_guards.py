"""What is published is not changed, whoever asks, by SQL too; and of those who publish at once, one wins."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from drawn import A, B
from test_life import following

from gridplan.errors import PlanStateError, StaleBaseError, StoreError, StoreUnavailableError
from gridplan.plan import Plan
from gridplan.store import PlanInfo, Store, engine
from gridplan.store.engine import reading, writing
from gridplan.store.tables import chunks

CHANGES = [
    "UPDATE plans SET name = 'x' WHERE plan_id = '{}'",
    "DELETE FROM plans WHERE plan_id = '{}'",
    "UPDATE parts SET until = 9 WHERE plan_id = '{}'",
    "DELETE FROM parts WHERE plan_id = '{}'",
    "INSERT INTO parts SELECT plan_id, layer, 99, half, since, until, digest FROM parts WHERE plan_id = '{}'",
    "UPDATE edits SET author = 'x' WHERE plan_id = '{}'",
    "DELETE FROM edits WHERE plan_id = '{}'",
    "UPDATE grids SET households = 1 WHERE plan_id = '{}'",
    "DELETE FROM grids WHERE plan_id = '{}'",
    "UPDATE lineage SET households = 1 WHERE plan_id = '{}'",
    "UPDATE publications SET valid_from = '2020-01-01' WHERE plan_id = '{}'",
    "DELETE FROM publications WHERE plan_id = '{}'",
    "UPDATE events SET reason = 'x'",
    "DELETE FROM events",
    "UPDATE retirements SET valid_to = '2020-01-01'",
    "DELETE FROM retirements",
    "UPDATE chunks SET size = 1",
    "DELETE FROM chunks",
    "DELETE FROM codes",
    "UPDATE codes SET issued_by = retired_by WHERE retired_by IS NOT NULL",
    "UPDATE codes SET retired_by = NULL WHERE retired_by IS NOT NULL",
]


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with reading(store.engine) as connection:
        tables = ("plans", "parts", "edits", "grids", "lineage", "publications", "events", "retirements", "codes")
        return {
            name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=str) for name in tables
        }


def test_sql_changes_nothing_that_is_published(store: Store, drawn_plan: Plan) -> None:
    first = store.publish(drawn_plan, by="x")
    second = store.publish(following(store, first.plan_id), by="x")
    before = content(store)
    truncate = [f"TRUNCATE {name} CASCADE" for name in before] if store.engine.dialect.name == "postgresql" else []
    for statement in [*CHANGES, *truncate]:
        with pytest.raises(PlanStateError), writing(store.engine) as connection:
            connection.exec_driver_sql(statement.format(second.plan_id))
    overlap = (
        "INSERT INTO publications SELECT 'p', 99, '230718', valid_from, published_by, published_at FROM publications "
        f"WHERE plan_id = '{second.plan_id}'"
    )
    copy = (
        f"INSERT INTO plans SELECT 'p', name, scope, author, created_at, state, base, revision, digest FROM plans "
        f"WHERE plan_id = '{second.plan_id}'"
    )
    with writing(store.engine) as connection:
        connection.exec_driver_sql(copy)
        with pytest.raises(sa.exc.DBAPIError, match="another plan is in force there"), connection.begin_nested():
            connection.exec_driver_sql(overlap)
        connection.exec_driver_sql("DELETE FROM plans WHERE plan_id = 'p'")
    assert content(store) == before


def test_of_planners_who_publish_at_once_one_wins_and_the_others_are_told(store: Store, drawn_plan: Plan) -> None:
    base = store.publish(drawn_plan, by="李娜").plan_id
    names = ["赵敏", "王强", "孙丽", "周杰"]
    mine = {name: following(store, base, (A, B)[place % 2]) for place, name in enumerate(names)}
    together = Barrier(len(names))

    def publish(name: str) -> PlanInfo | StaleBaseError:
        with Store.open(store.engine.url.render_as_string(hide_password=False)) as own:
            together.wait()
            try:
                return own.publish(mine[name], by=name)
            except StaleBaseError as error:
                return error

    with ThreadPoolExecutor(len(names)) as pool:
        ended = dict(zip(names, pool.map(publish, names), strict=True))
    won = [each for each in ended.values() if isinstance(each, PlanInfo)]
    told = [each for each in ended.values() if isinstance(each, StaleBaseError)]
    assert (len(won), len(told)) == (1, 3)
    assert {(each.plan_id, each.by) for each in told} == {(won[0].plan_id, won[0].published_by)}
    assert len(store.plans()) == 2
    store.verify()


def test_an_open_reader_sees_one_moment(store: Store, drawn_plan: Plan) -> None:
    base = store.publish(drawn_plan, by="x").plan_id
    with reading(store.engine) as connection:
        count = "SELECT count(*) FROM publications"
        before = connection.exec_driver_sql(count).scalar()
        store.publish(following(store, base), by="x")
        assert connection.exec_driver_sql(count).scalar() == before
    with reading(store.engine) as connection:
        assert connection.exec_driver_sql(count).scalar() == 2


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def test_a_writer_that_waits_too_long_is_told_to_try_again(
    new_url: Callable[[str], str], drawn_plan: Plan, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(engine, "WAIT_S", 1)
    url = new_url(kind)
    with Store.open(url) as store, Store.open(url) as other, writing(store.engine):
        with pytest.raises(StoreUnavailableError, match="busy: another writer"):
            other.save_draft(drawn_plan, author="x")
        assert other.plans() == [], "readers do not wait"


@pytest.mark.parametrize("cut", [4, 40])
def test_a_damaged_chunk_is_found(store: Store, drawn_plan: Plan, cut: int) -> None:
    plan_id = store.save_draft(drawn_plan, author="x").plan_id
    guard = "guard_chunks_update" if store.engine.dialect.name == "sqlite" else "guard_chunks_recorded ON chunks"
    with writing(store.engine) as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        one = connection.execute(sa.select(chunks).limit(1)).one()
        spoilt = one.data[:-cut] + bytes([one.data[-cut] ^ 1]) + one.data[-cut + 1 :]
        connection.execute(sa.update(chunks).where(chunks.c.digest == one.digest).values(data=spoilt))
    with pytest.raises(StoreError, match=f"chunk {one.digest} is damaged"):
        store.verify()
    with pytest.raises(StoreError, match=f"chunk {one.digest} is damaged"):
        store.load(plan_id)
