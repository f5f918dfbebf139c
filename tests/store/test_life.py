"""From draft to retired: who may do what and when, what is in force on a day, and codes that never come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from drawn import A, B
from stored import Clock, draw

from gridplan.errors import CodeReusedError, NotInStoreError, PlanStateError, StaleBaseError, StoreError
from gridplan.plan import Plan
from gridplan.store import Store

DAY = date(2026, 11, 2)
NEXT = date(2026, 12, 1)
OTHER = "230717005001"


def following(store: Store, published: str, community: str = A) -> Plan:
    """Make the next plan of a published one: the first two grids of a community are merged."""
    plan = store.begin(published).by("李娜")
    codes = plan.grids.loc[plan.grids["community_code"] == community, "grid_code"]
    return plan.merge(*codes.iloc[:2], force=True)


def asking(plan: Plan, **approval: Any) -> Plan:
    """Return the plan under rules that ask for approval."""
    return replace(plan, report={**plan.report, "rules": {**plan.report["rules"], "approval": approval}})


def test_the_plan_in_force_changes_on_its_day(store: Store, clock: Clock, drawn_plan: Plan) -> None:
    first = store.publish(drawn_plan, by="王强")
    clock.forward(days=5)
    second = store.publish(following(store, first.plan_id), by="王强", valid_from=NEXT, reason="并格")
    answers = {on: store.in_force(on) for on in (DAY - timedelta(1), DAY, NEXT - timedelta(1), NEXT, date(2030, 1, 1))}
    assert [plan and plan.plan_id for plan in answers.values()] == [
        None,
        *[first.plan_id] * 2,
        *[second.plan_id] * 2,
    ]
    now = store.info(first.plan_id)
    assert (now.state, now.valid_from, now.valid_to) == ("published", DAY, NEXT)
    known = store.in_force(NEXT, as_known_at=datetime(2026, 11, 3, tzinfo=UTC))
    assert known is not None
    assert known.plan_id == first.plan_id, "on 3 November nobody knew of the second"
    clock.forward(days=40)
    assert store.info(first.plan_id).state == "retired"
    assert [plan.plan_id for plan in store.plans(state="retired")] == [first.plan_id]
    steps = [(event.action, event.state, event.by, event.reason) for event in store.history(first.plan_id)]
    assert steps[-1] == ("supersede", "retired", "王强", "并格")
    assert store.history(first.plan_id)[-1].details == {"valid_to": "2026-12-01", "successor": second.plan_id}


def test_a_published_plan_says_so_and_can_be_edited_as_a_branch_alone(store: Store, drawn_plan: Plan) -> None:
    published = store.publish(drawn_plan, by="王强", valid_from=NEXT)
    plan = store.load(published.plan_id)
    assert plan.status == "published"
    assert set(plan.grids["valid_from"]) == {"2026-12-01"}
    assert plan.grids.drop(columns="valid_from").equals(drawn_plan.grids.drop(columns="valid_from"))
    with pytest.raises(ValueError, match="published"):
        plan.lock(plan.grids["grid_code"].iloc[0])
    draft = store.save_draft(plan.branch("next"), author="李娜")
    assert store.load(draft.plan_id).grids["valid_from"].isna().all()
    assert (draft.base, draft.name) == (1, "next")


STAGES = {
    "draft": (),
    "submitted": ("submit",),
    "approved": ("submit", "approve"),
    "discarded": ("discard",),
    "published": ("publish",),
}
ALLOWED = {
    "submit": {"draft"},
    "approve": {"submitted"},
    "send_back": {"submitted", "approved"},
    "discard": {"draft", "submitted", "approved"},
    "publish": set(),  # by now the others are stale
    "retire": {"published"},
}


def test_each_step_has_its_states(store: Store, drawn_plan: Plan) -> None:
    def at(stage: str) -> str:
        plan_id = store.save_draft(drawn_plan, author="李娜").plan_id
        for step in STAGES[stage]:
            getattr(store, step)(plan_id, by="王强", reason="")
        return plan_id

    stages = {stage: at(stage) for stage in STAGES}
    for step, allowed in ALLOWED.items():
        for stage in set(STAGES) - allowed:
            before = store.info(stages[stage])
            assert before.state == stage
            with pytest.raises((PlanStateError, StaleBaseError)):
                getattr(store, step)(stages[stage], by="王强", reason="r")
            assert store.info(stages[stage]) == before
    for step, stage in ((step, stage) for step, allowed in ALLOWED.items() for stage in sorted(allowed)):
        plan_id = stages["published"] if stage == "published" else at(stage)
        getattr(store, step)(plan_id, by="王强", reason="r")
        assert (store.history(plan_id)[-1].action, store.history(plan_id)[-1].reason) == (step, "r")


def test_another_person_approves_after_the_days_of_notice(store: Store, clock: Clock, drawn_plan: Plan) -> None:
    plan = asking(drawn_plan, approver_differs=True, notice_days=7).by("赵敏")
    codes = plan.grids["grid_code"].iloc[:2]
    plan_id = store.save_draft(plan.lock(*codes), author="李娜").plan_id
    with pytest.raises(PlanStateError, match=f"is draft; the rules ask .* plans submit {plan_id}"):
        store.publish(plan_id, by="王强")
    store.submit(plan_id, by="孙丽")
    with pytest.raises(PlanStateError, match="only a draft can be edited"):
        store.save_edits(plan_id, store.load(plan_id))
    with pytest.raises(PlanStateError, match=r"7 days of public notice; .* from 2026-11-09 04:00 UTC on"):
        store.approve(plan_id, by="王强")
    clock.forward(days=7, seconds=-1)
    with pytest.raises(PlanStateError, match="public notice"):
        store.approve(plan_id, by="王强")
    clock.forward(seconds=1)
    for maker in ("李娜", "赵敏", " 孙丽 "):
        with pytest.raises(PlanStateError, match="another person"):
            store.approve(plan_id, by=maker)
    with pytest.raises(PlanStateError, match=f"plans approve {plan_id}"):
        store.publish(plan_id, by="王强")
    store.approve(plan_id, by="王强", reason="同意")
    store.publish(plan_id, by="李娜")
    history = store.history(plan_id)
    assert [event.action for event in history] == ["save", "submit", "approve", "publish"]
    assert len({event.digest for event in history}) == 1, "what was approved is what was published"


def test_what_is_sent_back_needs_approval_anew(store: Store, drawn_plan: Plan) -> None:
    plan_id = store.save_draft(asking(drawn_plan, approver_differs=True), author="李娜").plan_id
    store.submit(plan_id, by="李娜")
    store.approve(plan_id, by="王强")
    store.send_back(plan_id, by="王强", reason="第三网格请再看")
    plan = store.load(plan_id)
    store.save_edits(plan_id, plan.lock(plan.grids["grid_code"].iloc[0], author="王强"))
    store.submit(plan_id, by="李娜")
    with pytest.raises(PlanStateError, match="is submitted; the rules ask"):
        store.publish(plan_id, by="李娜")
    with pytest.raises(PlanStateError, match="another person"):
        store.approve(plan_id, by="王强")


def test_nobody_escapes_approval_by_rules_of_his_own(store: Store, drawn_plan: Plan) -> None:
    first = store.save_draft(asking(drawn_plan, approver_differs=True), author="李娜").plan_id
    store.submit(first, by="李娜")
    store.approve(first, by="王强")
    store.publish(first, by="王强")
    lax = asking(following(store, first), approver_differs=False)
    with pytest.raises(PlanStateError, match="the rules ask"):
        store.publish(lax, by="李娜")
    second = store.save_draft(lax, author="李娜").plan_id
    store.submit(second, by="李娜")
    with pytest.raises(PlanStateError, match="another person"):
        store.approve(second, by="李娜")
    store.approve(second, by="王强")
    store.publish(second, by="李娜", valid_from=NEXT)
    third = store.publish(following(store, second, B), by="李娜", valid_from=NEXT)
    assert third.number == 3, "rules that were approved as laxer hold from then on"


def test_a_stale_base_is_refused_and_says_who_was_first(store: Store, clock: Clock, drawn_plan: Plan) -> None:
    first = store.publish(drawn_plan, by="王强")
    mine, yours = following(store, first.plan_id), following(store, first.plan_id, B)
    draft = store.save_draft(yours, author="赵敏")
    clock.forward(hours=1)
    second = store.publish(mine, by="李娜")
    for late in (yours, draft.plan_id):
        with pytest.raises(StaleBaseError, match=f"李娜 published {second.plan_id} at 2026-11-02 05:00 UTC") as caught:
            store.publish(late, by="赵敏")
        assert (caught.value.plan_id, caught.value.by, caught.value.at) == (second.plan_id, "李娜", clock())
    assert [plan.plan_id for plan in store.all_in_force()] == [second.plan_id]
    assert len(store.plans()) == 3, "a plan that could not be published was not saved either"
    assert store.publish(draft.plan_id and following(store, second.plan_id, B), by="赵敏").number == 3


def test_a_day_before_what_is_published_is_refused(store: Store, drawn_plan: Plan) -> None:
    first = store.publish(drawn_plan, by="x", valid_from=NEXT)
    with pytest.raises(PlanStateError, match=r"2026-11-30 comes before what is published"):
        store.publish(following(store, first.plan_id), by="x", valid_from=NEXT - timedelta(1))
    second = store.publish(following(store, first.plan_id), by="x", valid_from=NEXT)
    assert [plan.plan_id for plan in store.all_in_force(NEXT)] == [second.plan_id], "a correction takes its place"


def test_codes_once_retired_are_never_published_again(store: Store, drawn_plan: Plan) -> None:
    first = store.publish(drawn_plan, by="x")
    second = store.publish(following(store, first.plan_id), by="x")
    gone = sorted(set(drawn_plan.grids["grid_code"]) - set(store.load(second.plan_id).grids["grid_code"]))
    assert gone
    assert set(store.load(second.plan_id).report["retired_codes"]) == set(gone)
    with pytest.raises(CodeReusedError, match=gone[0]):
        store.publish(drawn_plan, by="x", base=second.plan_id)
    assert (
        store.used_codes()
        == store.used_codes("230718001001")
        == {
            *drawn_plan.grids["grid_code"],
            *store.load(second.plan_id).grids["grid_code"],
        }
    )
    heirs = store.successors(gone[0])
    assert heirs
    assert set(heirs) <= set(store.load(second.plan_id).grids["grid_code"])
    third = following(store, second.plan_id, B)
    assert not set(third.grids["grid_code"]) & set(gone)
    store.publish(third, by="x")
    assert set(store.successors(gone[0])) <= set(third.grids["grid_code"]), "lineage is followed through all plans"


def test_districts_live_side_by_side(store: Store, drawn_plan: Plan) -> None:
    here, there = store.publish(drawn_plan, by="x"), store.publish(draw(5, OTHER), by="y", valid_from=NEXT)
    assert (here.scope, there.scope) == ("230718001", "230717005001")
    assert store.in_force(NEXT, "230718001002003") == store.info(here.plan_id), "a grid code is a scope too"
    assert [plan.plan_id for plan in store.all_in_force(NEXT)] == [there.plan_id, here.plan_id]
    assert [plan.plan_id for plan in store.plans("230717")] == [there.plan_id]
    assert store.in_force(DAY, "230717") is None
    with pytest.raises(StoreError, match="several plans are in force"):
        store.in_force(NEXT, "2307")
    assert not store.used_codes("230718") & store.used_codes("230717")


def test_a_wider_plan_replaces_narrower_ones_and_no_part_leaves_it(store: Store) -> None:
    wide = draw(3, A, OTHER)
    one, other = store.publish(draw(3, A), by="x"), store.publish(draw(3, OTHER), by="x")
    with pytest.raises(StoreError, match="other codes: 230717005001"):
        store.publish(wide, by="x", scope="230718")
    both = store.publish(wide, by="x", valid_from=NEXT)
    assert both.scope == "2307"
    assert {store.info(plan.plan_id).valid_to for plan in (one, other)} == {NEXT}
    with pytest.raises(PlanStateError, match=f"as a whole: {both.plan_id}"):
        store.publish(draw(3, A), by="x", valid_from=NEXT)
    with pytest.raises(PlanStateError, match=r"no grids for 1 communities .*230717005001"):
        store.publish(draw(3, A), by="x", valid_from=NEXT, scope="2307")
    assert store.publish(draw(3, A), by="x", valid_from=NEXT, scope="2307", allow_fewer=True).number == 4


def test_a_plan_is_retired_with_nothing_in_its_place(store: Store, clock: Clock, drawn_plan: Plan) -> None:
    plan_id = store.publish(drawn_plan, by="x").plan_id
    clock.forward(days=3)
    with pytest.raises(PlanStateError, match="can be retired from 2026-11-05 on"):
        store.retire(plan_id, by="x", reason="撤销", valid_to=DAY)
    assert store.retire(plan_id, by="x", reason="撤销").state == "retired"
    assert store.in_force() is None
    assert store.in_force(DAY) is not None
    with pytest.raises(CodeReusedError):
        store.publish(drawn_plan, by="x")


def test_steps_have_names_and_bases_are_published(store: Store, drawn_plan: Plan) -> None:
    with pytest.raises(StoreError, match="no name was given"):
        store.save_draft(drawn_plan, author=" ")
    draft = store.save_draft(drawn_plan, author="x")
    with pytest.raises(NotInStoreError, match="is draft; a base is a published plan"):
        store.save_draft(drawn_plan, author="x", base=draft.plan_id)
    assert len(store.plans()) == 1
