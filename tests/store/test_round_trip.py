"""Write then read gives an equal plan, on both databases, at every revision; what stays the same is kept once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from drawn import A, B
from stored import AT, assert_same, draw, merged

from gridplan.errors import NotInStoreError, PlanStateError, StaleBaseError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store.engine import reading
from gridplan.store.tables import chunks


def test_a_plan_comes_back_as_it_was(store: Store, drawn_plan: Plan) -> None:
    edited = merged(merged(drawn_plan, A), B).undo(author="王强", at=AT)
    draft = store.save_draft(edited, author="李娜", name="三季度")
    assert_same(store.load(draft.plan_id), edited)
    assert (draft.name, draft.scope, draft.author, draft.state) == ("三季度", "230718001", "李娜", "draft")
    assert store.edits(draft.plan_id) == list(edited.edits)
    assert store.load(draft.plan_id[:-2]).equals(edited), "the beginning of an id is enough"


def test_the_crs_comes_back_where_no_code_names_it(store: Store, drawn_plan: Plan) -> None:
    own = "+proj=tmerc +lat_0=0 +lon_0=126.6 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
    moved = replace(
        drawn_plan,
        grids=drawn_plan.grids.set_crs(own, allow_override=True),
        units=drawn_plan.units.set_crs(own, allow_override=True),
    )
    assert_same(store.load(store.save_draft(moved, author="x").plan_id), moved)
    assert store.publish(moved, by="x").number == 1


def test_each_saving_of_edits_stays_readable(store: Store, drawn_plan: Plan) -> None:
    draft = store.save_draft(drawn_plan, author="李娜")
    stages = [drawn_plan]
    for community in (A, B):
        stages.append(merged(store.load(draft.plan_id), community))
        draft = store.save_edits(draft.plan_id, stages[-1])
    stages.append(store.load(draft.plan_id).undo(author="王强", at=AT))
    draft = store.save_edits(draft.plan_id, stages[-1])
    assert draft.revision == 3
    for revision, stage in enumerate(stages):
        assert_same(store.load(draft.plan_id, revision=revision), stage)
    assert_same(store.load(draft.plan_id), stages[-1])
    steps = [(event.action, event.by, event.details) for event in store.history(draft.plan_id)]
    assert steps == [("save", "李娜", {}), *[("edit", "李娜", {"edits": 1})] * 2, ("edit", "王强", {"edits": 1})]
    with pytest.raises(StoreError, match="revisions 0 to 3"):
        store.load(draft.plan_id, revision=4)


def test_an_edit_writes_its_own_community_alone(store: Store, drawn_plan: Plan) -> None:
    draft = store.save_draft(drawn_plan, author="李娜")
    before = _chunks(store)
    store.save_edits(draft.plan_id, merged(drawn_plan, A))
    new = _chunks(store) - before
    assert 0 < len(new) <= 6, "report, violations, lineage, and of one community: grids, their shapes, unit values"
    store.save_draft(merged(drawn_plan, A), author="王强")
    assert _chunks(store) - before == new, "an equal plan shares all"


def _chunks(store: Store) -> set[str]:
    with reading(store.engine) as connection:
        return set(connection.scalars(sa.select(chunks.c.digest)))


def test_whoever_edits_second_is_told_who_was_first(store: Store, drawn_plan: Plan) -> None:
    draft = store.save_draft(drawn_plan, author="李娜")
    one, other = merged(store.load(draft.plan_id), A, "李娜"), merged(store.load(draft.plan_id), B, "王强")
    store.save_edits(draft.plan_id, one)
    with pytest.raises(StaleBaseError, match=r"李娜 edited .* 2026-11-02 09:30 UTC") as caught:
        store.save_edits(draft.plan_id, other)
    assert (caught.value.by, caught.value.at) == ("李娜", AT)
    assert_same(store.load(draft.plan_id), one)


def test_a_change_without_an_edit_is_refused(store: Store, drawn_plan: Plan) -> None:
    draft = store.save_draft(drawn_plan, author="李娜")
    bare = replace(merged(drawn_plan, A), edits=())
    with pytest.raises(PlanStateError, match="no edit says why"):
        store.save_edits(draft.plan_id, bare)
    assert store.info(draft.plan_id) == draft
    assert_same(store.load(draft.plan_id), drawn_plan)


def test_what_the_store_does_not_have_is_said(store: Store, drawn_plan: Plan) -> None:
    with pytest.raises(NotInStoreError, match="there is no plan 'nothing'"):
        store.load("nothing")
    first, second = (store.save_draft(drawn_plan, author="x") for _ in range(2))
    with pytest.raises(NotInStoreError, match=f"2 plans begin with .*{first.plan_id}"):
        store.load("2026")
    assert [plan.plan_id for plan in store.plans()] == sorted([first.plan_id, second.plan_id]) or first.created_at
    assert store.in_force() is None


def test_a_plan_of_names_instead_of_codes_is_kept(store: Store) -> None:
    named = draw(4, "Area 2/MIT", "東區")
    draft = store.save_draft(named, author="x")
    assert draft.scope == ""
    assert_same(store.load(draft.plan_id), named)
