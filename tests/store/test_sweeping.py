"""Sweeping discarded plans: what others name stays, history stays, a swept plan is not taken for a damaged one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from stored import Clock, assert_same

from gridplan.errors import NotInStoreError, PlanStateError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.engine import reading, writing
from gridplan.store.tables import chunks, parts


def held(store: Store) -> tuple[set[str], set[str]]:
    """Return the chunks there are, and those that plans name."""
    with reading(store.engine) as connection:
        return set(connection.scalars(sa.select(chunks.c.digest))), set(connection.scalars(sa.select(parts.c.digest)))


def test_what_others_name_stays_and_the_rest_goes(store: Store, clock: Clock, drawn_plan: Plan) -> None:
    code = drawn_plan.grids["grid_code"].iloc[0]
    published = store.publish(drawn_plan, by="王强").plan_id
    given_up = store.save_draft(store.begin(published).rename(code, "甲", author="李娜"), author="李娜").plan_id
    living = store.save_draft(store.begin(published).rename(code, "乙", author="李娜"), author="李娜").plan_id
    before = {plan_id: store.load(plan_id) for plan_id in (published, living)}
    store.discard(given_up, by="李娜", reason="重复")
    assert_same(store.load(given_up), store.load(given_up, revision=0))
    clock.forward(days=29)
    assert store.sweep(by="赵敏").plans == ()
    clock.forward(days=2)
    done = store.sweep(by="赵敏", reason="季度清理")
    assert done.plans == (given_up,)
    assert done.chunks > 0
    assert done.size > 0
    for plan_id, plan in before.items():
        assert_same(store.load(plan_id), plan)
    there, named = held(store)
    assert there == named
    assert store.verify() == len(there)
    for ask in (store.load, lambda plan_id: store.load(plan_id, revision=0)):
        with pytest.raises(NotInStoreError, match="swept"):
            ask(given_up)
    told = [(event.action, event.by, event.reason) for event in store.history(given_up)]
    assert told[-2:] == [("discard", "李娜", "重复"), ("sweep", "赵敏", "季度清理")]
    assert [edit.author for edit in store.edits(given_up)] == ["李娜"]
    assert store.audit.verify().broken is None
    assert store.sweep(by="赵敏", days=0).plans == ()


def test_what_is_no_discarded_plan_is_never_swept(store: Store, drawn_plan: Plan) -> None:
    code = drawn_plan.grids["grid_code"].iloc[0]
    first = store.publish(drawn_plan, by="王强").plan_id
    second = store.publish(store.begin(first).rename(code, "甲", author="李娜"), by="王强").plan_id
    begun = store.begin(second)
    submitted = store.save_draft(begun.rename(code, "乙", author="李娜"), author="李娜").plan_id
    store.submit(submitted, by="李娜")
    assert store.sweep(by="赵敏", days=0).chunks == 0
    assert {store.load(plan_id).grids["name"].iloc[0] for plan_id in (second, submitted)} == {"甲", "乙"}
    with pytest.raises(PlanStateError), writing(store.engine) as connection:
        connection.execute(sa.delete(parts).where(parts.c.plan_id == first))
    with pytest.raises(StoreError, match="0 days or more"):
        store.sweep(by="赵敏", days=-1)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def test_a_swept_store_is_backed_up_and_restored(
    new_url: Callable[[str], str], drawn_plan: Plan, tmp_path: Path, kind: str
) -> None:
    with Store.open(new_url(kind)) as store:
        draft = store.save_draft(drawn_plan, author="李娜").plan_id
        store.discard(draft, by="李娜")
        store.sweep(by="赵敏", days=0)
        store.backup(tmp_path / "backup.sqlite")
        store.restore(tmp_path / "backup.sqlite", overwrite=True, by="赵敏")
        assert held(store) == (set(), set())
        with pytest.raises(NotInStoreError, match="swept"):
            store.load(draft)
