"""The desk on both databases: bringing in, idempotence, updates, opening, steps, lateness, escalation, review."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from desk_city import HANDLING, LAYOUT, calls, desk_of, opened
from stored import Clock

from gridplan.errors import IncidentError, NoIncidentError, PlanStateError, StaleIncidentError, TransitionError
from gridplan.incidents.course import Order, legal
from gridplan.incidents.ground import Ground
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.frames import incident_frame
from gridplan.incidents.store.numbers import numbers
from gridplan.incidents.store.rows import Which
from gridplan.store import Store
from gridplan.store.engine import writing
from maps.viewer.incidents import incidents_payload

Desk = tuple[Incidents, Ground]


@pytest.fixture
def desk(store: Store) -> Desk:
    return desk_of(store)


def order(desk: Incidents, action: str, **more: object) -> Order:
    return Order(action, "李娜", desk.now(), **more)  # type: ignore[arg-type]


def test_bringing_twice_changes_nothing_and_a_changed_record_is_a_step_on_record(desk: Desk, clock: Clock) -> None:
    clerk, ground = desk
    rows = calls(300)
    first = clerk.bring(rows, LAYOUT, ground, by="李娜")
    assert (first.new, first.changed, first.same, first.rows) == (300, 0, 0, 300)
    assert first.in_grid + sum(first.review.values()) == 300
    before, _ = clerk.page(limit=1000)
    clock.forward(hours=1)
    again = clerk.bring(rows.sample(frac=1, random_state=3), LAYOUT, ground, by="王强")
    assert (again.new, again.changed, again.same) == (0, 0, 300)
    assert clerk.page(limit=1000)[0] == before
    rows.loc[7, "类别"] = "供热不足"
    rows.loc[8, "经度"] = None
    third = clerk.bring(rows, LAYOUT, ground, by="王强")
    assert (third.new, third.changed, third.same, third.review) == (0, 2, 298, {"no_coordinates": 1})
    file = clerk.get(clerk.find("R00007")[0].incident_id)
    assert file.incident.category == "heating"
    assert [(step.action, step.by, step.sequence) for step in file.steps] == [
        ("import", "李娜", 1),
        ("change", "王强", 2),
    ]
    assert "category" in file.steps[1].details["changed"]
    moved = clerk.get(clerk.find("R00008")[0].incident_id)
    assert (moved.incident.grid_code, moved.review and moved.review.reason) == (None, "no_coordinates")


@pytest.mark.parametrize("due", [None, "2026-10-09 08:00"])
def test_closed_without_a_time_is_neither_in_time_nor_late(desk: Desk, clock: Clock, due: str | None) -> None:
    clerk, ground = desk
    rows = calls(4, closed=0.0).assign(工单状态="已办结", 办结时间=[None, None, "2026-10-08 08:00", "2020-01-01"])
    rows["受理时间"], rows["是否按时"] = "2026-10-07 08:00", [None, "按时", None, None]
    clerk.bring(rows if due is None else rows.assign(办结时限=due), LAYOUT, ground, by="李娜")
    told = numbers(clerk.store, HANDLING, (date(2026, 10, 7), date(2026, 10, 7)), level="all").to_dict()["units"][0]
    # Its own word counts, and the one whose times agree; neither no time at all, nor one before the report.
    assert (told["closed"], told["timeliness"]["numerator"], told["timeliness"]["denominator"]) == (4, 2, 2)
    assert told["hours_to_close"] == 24.0
    shown = incidents_payload(incident_frame(clerk.store), {}, zone="Asia/Shanghai", exact=False, digest="")
    assert sorted(zip(shown["due"], shown["met"], strict=True))[:3] == [(-1, -1), (-1, -1), (-1, 1)]


def test_every_row_is_accounted_for(desk: Desk) -> None:
    clerk, ground = desk
    rows = calls(50)
    rows.loc[0, "工单编号"] = None
    rows.loc[1, "受理时间"] = "昨天"
    rows.loc[2, "受理时间"] = "2027-01-01 08:00"
    rows.loc[3, "工单编号"] = rows.loc[4, "工单编号"]
    rows.loc[5, "类别"] = "外星人"
    rows.loc[6, "办结时间"] = "2020-01-01"
    rows.loc[7, ["经度", "纬度"]] = [0, 0]
    dry = clerk.bring(rows, LAYOUT, ground, by="李娜", dry_run=True)
    assert clerk.page()[1] == 0, "a dry run writes nothing"
    report = clerk.bring(rows, LAYOUT, ground, by="李娜")
    assert report == dry
    assert report.rejected == {"no_id": [1], "no_time": [2], "time_in_the_future": [3]}
    assert report.remarks == {"closed_before_reported": 1, "unknown_category": 1}
    assert report.new + report.repeated + sum(map(len, report.rejected.values())) == report.rows == 50
    assert report.in_grid + sum(report.review.values()) == report.new
    stored, total = clerk.page(limit=100)
    assert total == report.new == 46
    assert all((each.grid_code is None) != (each.plan_id is not None) for each in stored)


def test_personal_data_stand_in_a_table_of_their_own(desk: Desk) -> None:
    clerk, ground = desk
    clerk.bring(calls(3), LAYOUT, ground, by="李娜")
    incident = clerk.page()[0][0]
    assert not {"13900000000", "张三", "垃圾没人清"} & {str(value) for value in vars(incident).values()}
    assert clerk.person(incident.incident_id).phone == "13900000000"
    with pytest.raises(NoIncidentError):
        clerk.person(incident.incident_id, scope="99")


def test_a_matter_through_the_hotline_to_its_end(desk: Desk, clock: Clock) -> None:
    clerk, ground = desk
    name = opened(clerk, ground, category="咨询", phone="1")
    file = clerk.get(name)
    assert (file.incident.workflow, file.incident.state, file.incident.grid_code is not None) == (
        "hotline",
        "received",
        True,
    )
    for action in ("assign_", "handle"):
        with pytest.raises(TransitionError) as caught:
            clerk.step(name, order(clerk, action))
        assert "assign" in caught.value.legal
    for action in ("assign", "handle", "answer", "close", "call_back"):
        clock.forward(minutes=30)
        file = clerk.step(name, order(clerk, action))
    file = clerk.step(name, order(clerk, "rate", details={"rating": "satisfied"}))
    assert (file.incident.state, file.incident.rating) == ("rated", "satisfied")
    assert file.incident.closed_at == file.incident.reported_at + timedelta(minutes=120)
    assert [step.sequence for step in file.steps] == list(range(1, 8))
    assert [step.role for step in file.steps][1:3] == ["dispatcher", "grid_worker"]
    again = clerk.step(name, order(clerk, "reopen"))
    assert again.incident.closed_at is None
    assert again.incident.due_at == HANDLING.due("advice", "general", clerk.now())


def test_roles_reasons_and_details_are_demanded(desk: Desk) -> None:
    clerk, ground = desk
    name = opened(clerk, ground)
    for wrong, said in [
        (order(clerk, "file", role="reporter"), "roles that may: dispatcher, grid_worker"),
        (order(clerk, "pause"), "expected a reason"),
        (order(clerk, "extend", reason="等配件", details={"within": "some time"}), "expected a number"),
        (order(clerk, "file", details={"rating": "superb"}), "rating: expected"),
        (order(clerk, "file", details={"minutes": -1}), "minutes: expected"),
        (order(clerk, "file", details={"colour": 1}), "unknown details colour"),
        (order(clerk, "assign"), "expected grid_code"),
    ]:
        with pytest.raises(TransitionError, match=said):
            clerk.step(name, wrong)
    assert len(clerk.get(name).steps) == 1


def test_late_soon_late_escalated_and_paused(desk: Desk, clock: Clock) -> None:
    clerk, ground = desk
    name = opened(clerk, ground, category="gas")  # emergency: two hours
    assert clerk.late() == clerk.late(soon=True) == []
    clock.forward(minutes=100)
    assert [each.incident_id for each in clerk.late(soon=True)] == [name]
    assert clerk.escalate_late() == []
    clock.forward(minutes=21)
    assert [each.incident_id for each in clerk.late()] == [name]
    assert clerk.late(soon=True) == []
    assert [each.holder for each in clerk.escalate_late()] == ["community"]
    assert clerk.escalate_late() == [], "the next level has its time"
    holders = []
    for _ in range(5):
        clock.forward(days=1)
        holders += [each.holder for each in clerk.escalate_late()]
    assert holders == ["street", "district"]
    assert [step.role for step in clerk.get(name).steps[1:]] == ["system"] * 3
    with pytest.raises(TransitionError):
        clerk.step(name, order(clerk, "escalate", reason="超出权限"))
    clerk.step(name, order(clerk, "pause", reason="等配件"))
    assert clerk.late() == []
    with pytest.raises(TransitionError) as caught:
        clerk.step(name, order(clerk, "file"))
    assert caught.value.legal == ("resume", "note")


def test_a_pause_keeps_what_was_left_and_an_extension_adds(desk: Desk, clock: Clock) -> None:
    clerk, ground = desk
    name = opened(clerk, ground, category="advice")  # three working days: Monday noon to Thursday evening
    local = HANDLING.calendar.tz

    def due() -> str:
        at = clerk.get(name).incident.due_at
        return "" if at is None else at.astimezone(local).strftime("%a %d %H:%M")

    assert due() == "Thu 05 17:30"
    clock.forward(days=1)
    clerk.step(name, order(clerk, "pause", reason="等配件"))
    clock.forward(days=7)
    clerk.step(name, order(clerk, "resume"))
    assert due() == "Thu 12 17:30"
    clerk.step(name, order(clerk, "extend", reason="情况复杂", details={"within": "2 working_days"}))
    assert due() == "Mon 16 17:30"
    clock.forward(days=7)
    with pytest.raises(TransitionError):
        clerk.step(name, order(clerk, "extend", reason="晚了", details={"within": "1 working_days"}))


def test_what_could_be_no_incident_is_refused_with_all_faults(desk: Desk) -> None:
    clerk, ground = desk
    with pytest.raises(IncidentError) as caught:
        opened(clerk, ground, category="外星人", level="huge", reported_at="2030-01-01T00:00:00+08:00")
    for part in ("category: expected", "level: expected", "no time in the future"):
        assert part in str(caught.value)
    with pytest.raises(IncidentError, match="a time with its zone"):
        opened(clerk, ground, reported_at="2026-10-01 08:00")
    with pytest.raises(IncidentError, match="not before reported_at"):
        opened(clerk, ground, closed_at="2020-01-01T00:00:00Z")
    assert clerk.page()[1] == 0


def test_opening_twice_opens_once(desk: Desk) -> None:
    clerk, ground = desk
    assert opened(clerk, ground) == opened(clerk, ground)
    assert clerk.page()[1] == 1


def test_review_is_settled_by_a_person_and_a_later_import_respects_it(desk: Desk) -> None:
    clerk, ground = desk
    rows = calls(40)
    rows.loc[5, ["经度", "纬度"]] = [None, None]
    clerk.bring(rows, LAYOUT, ground, by="李娜")
    ((review, incident),) = clerk.reviews()
    assert (review.reason, incident.source_id, incident.grid_code) == ("no_coordinates", "R00005", None)
    code = ground.grids["grid_code"].iloc[1]
    with pytest.raises(IncidentError, match="expected a grid in force"):
        clerk.settle(incident.incident_id, ground, grid_code="1", by="王强")
    file = clerk.settle(incident.incident_id, ground, grid_code=code, by="王强", reason="打电话问过")
    assert (file.incident.grid_code, file.incident.placed_by) == (code, "person")
    assert clerk.reviews() == []
    rows.loc[5, "类别"] = "供热不足"
    report = clerk.bring(rows, LAYOUT, ground, by="李娜")
    assert report.changed == 1
    kept = clerk.get(incident.incident_id)
    assert (kept.incident.grid_code, kept.incident.category) == (code, "heating")
    assert clerk.reviews() == []


def test_scopes_see_their_own(desk: Desk) -> None:
    clerk, ground = desk
    rows = calls(60)
    rows.loc[0, ["经度", "纬度"]] = [None, None]
    clerk.bring(rows, LAYOUT, ground, by="李娜", scope="2307")
    codes = sorted(set(ground.grids["community_code"]))
    parts = [clerk.page(Which(scope=code), limit=100) for code in codes]
    assert sum(total for _, total in parts) == 59
    assert all(
        each.grid_code and each.grid_code.startswith(code)
        for code, (some, _) in zip(codes, parts, strict=True)
        for each in some
    )
    assert clerk.reviews("99") == []
    assert len(clerk.reviews()) == 1
    with pytest.raises(NoIncidentError):
        clerk.get(parts[0][0][0].incident_id, codes[1])


def test_pages_join_to_the_whole(desk: Desk) -> None:
    clerk, ground = desk
    clerk.bring(calls(57), LAYOUT, ground, by="李娜")
    seen, after = [], ""
    while page := clerk.page(limit=10, after=after)[0]:
        seen += page
        after = page[-1].incident_id
    assert seen == clerk.page(limit=100)[0]
    assert [each.reported_at for each in seen] == sorted((each.reported_at for each in seen), reverse=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incident_steps SET reason = 'x'",
        "DELETE FROM incident_steps",
        "UPDATE incident_imports SET file = 'x'",
        "DELETE FROM incidents",
        "UPDATE incidents SET grid_code = NULL",
        "UPDATE incidents SET source_id = 'x', sequence = sequence + 1",
    ],
)
def test_history_stays_whoever_asks_by_sql(desk: Desk, statement: str) -> None:
    clerk, ground = desk
    clerk.bring(calls(3), LAYOUT, ground, by="李娜")
    with (
        pytest.raises(PlanStateError, match=r"cannot be changed|next step alone"),
        writing(clerk.store.engine) as connection,
    ):
        connection.execute(sa.text(statement))


def test_two_who_saw_the_same_cannot_both_go_on(desk: Desk) -> None:
    clerk, ground = desk
    name = opened(clerk, ground)
    clerk.step(name, order(clerk, "file"), seen=1)
    with pytest.raises(StaleIncidentError, match="you saw step 1"):
        clerk.step(name, order(clerk, "reject"), seen=1)
    assert clerk.get(name).incident.state == "filed"


def test_many_at_once_leave_a_history_that_could_have_been_one_by_one(desk: Desk) -> None:
    clerk, ground = desk
    name = opened(clerk, ground)
    actions = ["file", "reject", "dispatch", "handle", "check", "close", "reopen", "send_back"] * 4

    def attempt(action: str) -> str:
        try:
            clerk.step(name, order(clerk, action))
        except TransitionError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(pool.map(attempt, actions))
    assert_legal(clerk, name)
    assert outcomes["done"] == len(clerk.get(name).steps) - 1 > 0


def assert_legal(clerk: Incidents, name: str) -> None:
    """Each step of the history was legal in the state that the step before it left, and the incident is its sum."""
    file = clerk.get(name)
    flow = HANDLING.workflows[file.incident.workflow]
    assert [step.sequence for step in file.steps] == list(range(1, len(file.steps) + 1))
    for before, step in zip(file.steps, file.steps[1:], strict=False):
        found = [each.target for each in flow.legal(before.state) if each.action == step.action]
        assert [step.state] == (found or [before.state])
        assert step.at >= before.at
    assert (file.incident.state, file.incident.sequence) == (file.steps[-1].state, file.steps[-1].sequence)


def test_incidents_go_into_a_backup_and_back(desk: Desk, tmp_path: object, clock: Clock) -> None:
    from pathlib import Path

    clerk, ground = desk
    clerk.bring(calls(30), LAYOUT, ground, by="李娜")
    name = opened(clerk, ground)
    clerk.step(name, order(clerk, "file"))
    path = Path(str(tmp_path)) / "backup.sqlite"
    clerk.store.backup(path)
    with Store.open(Path(str(tmp_path)) / "other.sqlite", clock=clock) as other:
        other.restore(path)
        copy = Incidents(other, HANDLING)
        assert copy.page(limit=100) == clerk.page(limit=100)
        assert copy.get(name) == clerk.get(name)


def test_legal_steps_are_those_that_can_be_taken(desk: Desk, clock: Clock) -> None:
    clerk, ground = desk
    name = opened(clerk, ground)
    incident = clerk.get(name).incident
    at: datetime = clerk.now()
    assert {"file", "reject", "assign", "pause", "extend", "escalate", "note"} == set(legal(incident, HANDLING, at))
    late = replace(incident, due_at=at - timedelta(hours=1), holder="district")
    assert set(legal(late, HANDLING, at)) == {"file", "reject", "assign", "pause", "hand_down", "note"}
    closed = replace(incident, state="closed", closed_at=at)
    assert set(legal(closed, HANDLING, at)) == {"reopen", "assign", "note"}


def test_the_files_that_people_keep_are_read(desk: Desk, tmp_path: object) -> None:
    from pathlib import Path

    clerk, ground = desk
    rows = calls(20)
    folder = Path(str(tmp_path))
    rows.to_csv(folder / "a.csv", index=False, encoding="gb18030")
    rows.to_excel(folder / "a.xlsx", index=False)
    rows.to_parquet(folder / "a.parquet")
    rows.to_csv(folder / "a.csv.gz", index=False)
    reports = [
        clerk.bring(folder / name, LAYOUT, ground, by="x") for name in ("a.csv", "a.xlsx", "a.parquet", "a.csv.gz")
    ]
    assert [(each.new, each.same) for each in reports] == [(20, 0), (0, 20), (0, 20), (0, 20)]
    lost = pd.DataFrame({"x": [1]})
    with pytest.raises(IncidentError, match=r"source_id: no column is recognised.*reported_at"):
        clerk.bring(lost, LAYOUT, ground, by="x")
