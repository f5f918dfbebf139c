"""Whatever several people try at once, each on what they last saw, leaves a history that could have happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from desk_city import HANDLING, desk_of, opened
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from stored import Clock

from gridplan.errors import StaleIncidentError, TransitionError
from gridplan.incidents.course import COMMON, Order, legal, take
from gridplan.incidents.ground import Ground
from gridplan.incidents.incident import Incident, Step
from gridplan.incidents.store import Incidents
from gridplan.incidents.store.reader import File
from gridplan.incidents.store.rows import write_step
from gridplan.incidents.workflows import HOLDERS, Workflow
from gridplan.store import Store
from gridplan.store.engine import writing

PEOPLE = ("李娜", "王强", "张伟")
# Of each workflow that is shipped a category.
CATEGORIES = {"city": "noise", "six_steps": "dispute", "hotline": "advice"}
ACTIONS = sorted({each.action for flow in HANDLING.workflows.values() for each in flow.transitions} | set(COMMON))
WITHIN = ("90 minutes", "4 working_hours", "2 working_days", "3 calendar_days")


def replayed(flow: Workflow, steps: list[Step]) -> dict[str, Any]:
    """Return what the steps make of an incident, by their own words; each must be legal where it stands."""
    state, holder, paused, closed = flow.start, HOLDERS[0], None, None
    for step in steps[1:]:
        moves = {each.action: each.target for each in flow.legal(state)}
        assert (step.action == "resume") == (paused is not None) or step.action == "note", "paused: resumed or noted"
        if step.action in moves:
            state = moves[step.action]
            closed = (closed or step.at) if flow.closed(state) else None
        else:
            assert step.action in COMMON
            assert closed is None or step.action in {"assign", "note"}, "closed is final, but as the workflow says"
            paused = {"pause": step.at, "resume": None}.get(step.action, paused)
            holder = HOLDERS[HOLDERS.index(holder) + {"escalate": 1, "hand_down": -1}.get(step.action, 0)]
        assert (step.state, step.holder) == (state, holder)
    return {"state": state, "holder": holder, "paused_at": paused, "closed_at": closed, "sequence": len(steps)}


class Desk(RuleBasedStateMachine):
    """One incident, three people who each saw it at some time, and a clock that goes on."""

    store: Store
    clock: Clock
    desk: Incidents
    ground: Ground
    number = 0

    @initialize(workflow=st.sampled_from(sorted(CATEGORIES)))
    def open(self, workflow: str) -> None:
        type(self).number += 1
        self.name = opened(self.desk, self.ground, self.number, category=CATEGORIES[workflow])
        self.flow = HANDLING.workflows[workflow]
        self.seen: dict[str, Incident] = dict.fromkeys(PEOPLE, self.incident)
        self.due = self.incident.due_at

    @property
    def file(self) -> File:
        return self.desk.get(self.name)

    @property
    def incident(self) -> Incident:
        return self.file.incident

    def order(self, action: str, by: str, within: str, *, reason: bool = True) -> Order:
        code = self.ground.grids["grid_code"].iloc[0]
        details = {"extend": {"within": within}, "assign": {"grid_code": code}}.get(action, {})
        return Order(action, by, self.clock.now, reason="因故" if reason else "", details=details)

    @rule(who=st.sampled_from(PEOPLE))
    def read(self, who: str) -> None:
        self.seen[who] = self.incident

    @rule(
        who=st.sampled_from(PEOPLE),
        action=st.sampled_from(ACTIONS),
        within=st.sampled_from(WITHIN),
        reason=st.booleans(),
        blind=st.booleans(),
    )
    def try_any(self, who: str, action: str, within: str, reason: bool, blind: bool) -> None:
        """Take a step on what one saw, or on whatever is there: done if it is legal now, else nothing happens."""
        before, seen = self.file, None if blind else self.seen[who].sequence
        order = self.order(action, who, within, reason=reason)
        may = legal(before.incident, HANDLING, self.clock.now)
        after = self.outcome(order, seen)
        if isinstance(after, File):
            assert action in may
            assert after.steps[:-1] == before.steps
            self.seen[who] = after.incident
            return
        assert self.file == before
        if isinstance(after, TransitionError):
            assert after.legal == tuple(may)
            assert action not in may or not reason
        else:
            assert seen is not None
            assert seen < before.incident.sequence

    @rule(who=st.sampled_from(PEOPLE), hours=st.sampled_from([0, 7, 100]), data=st.data())
    def do_what_is_legal(self, who: str, hours: int, data: st.DataObject) -> None:
        """Go on by what may be done, some steps at once: of all orders that people try, few lead far."""
        for place in data.draw(st.lists(st.integers(0, 9), min_size=2, max_size=5)):
            self.clock.now += timedelta(hours=hours)
            may = sorted(legal(self.incident, HANDLING, self.clock.now))
            order = self.order(may[place % len(may)], who, WITHIN[place % len(WITHIN)])
            self.seen[who] = self.desk.step(self.name, order).incident
            self.all_is_well()

    def outcome(self, order: Order, seen: int | None) -> File | TransitionError | StaleIncidentError:
        try:
            return self.desk.step(self.name, order, seen=seen)
        except (TransitionError, StaleIncidentError) as error:
            return error

    @rule(who=st.sampled_from(PEOPLE), within=st.sampled_from(WITHIN), data=st.data())
    def go_on_with_what_one_saw(self, who: str, within: str, data: st.DataObject) -> None:
        """Write a step that was worked out on an old state past the desk's check, as two processes at once would."""
        old = self.seen[who]
        order = self.order(data.draw(st.sampled_from(sorted(legal(old, HANDLING, self.clock.now)))), who, within)
        with suppress(TransitionError):  # an assertion below would be none
            after, step = take(old, order, HANDLING)
            if old.sequence == self.incident.sequence:
                return
            with pytest.raises(StaleIncidentError), writing(self.store.engine) as connection:
                write_step(connection, old, after, step)

    @rule()
    def hand_up_what_is_late(self) -> None:
        before = self.incident
        escalated = {each.incident_id for each in self.desk.escalate_late()}
        waits = before.escalate_at is not None and before.escalate_at <= self.clock.now
        open_now = before.closed_at is None and before.paused_at is None
        assert (self.name in escalated) == (waits and open_now)
        if self.name in escalated:
            assert HOLDERS.index(self.incident.holder) == HOLDERS.index(before.holder) + 1

    @invariant()
    def all_is_well(self) -> None:
        file = self.file
        self.the_history_makes_the_incident(file)
        self.deadlines_only_move_on(file)
        self.some_way_leads_on(file.incident)

    def the_history_makes_the_incident(self, file: File) -> None:
        expected = replayed(self.flow, file.steps)
        assert {name: getattr(file.incident, name) for name in expected} == expected
        assert [step.sequence for step in file.steps] == list(range(1, len(file.steps) + 1))
        assert all(one.at <= other.at for one, other in pairwise(file.steps))

    def deadlines_only_move_on(self, file: File) -> None:
        now = file.incident
        assert now.due_at is None or now.due_at > now.reported_at
        if now.due_at != self.due:
            last, before = file.steps[-1].action, file.steps[-2].state
            assert last in {"extend", "resume"} or self.flow.closed(before), "or it was opened again"
            assert self.due is None or (now.due_at is not None and now.due_at > self.due)
            self.due = now.due_at
        if now.closed_at or now.paused_at or now.holder == HOLDERS[-1]:
            assert now.escalate_at is None

    def some_way_leads_on(self, incident: Incident) -> None:
        may = legal(incident, HANDLING, self.clock.now)
        for action in may:
            take(incident, self.order(action, PEOPLE[0], WITHIN[0]), HANDLING)
        assert set(may) - {"note", "assign"} or incident.closed_at


@pytest.fixture
def machine() -> Iterator[type[Desk]]:
    with TemporaryDirectory() as folder:
        clock = Clock()
        with Store.open(Path(folder) / "plans.sqlite", clock=clock) as store:
            desk, ground = desk_of(store)
            yield type("Machine", (Desk,), {"store": store, "clock": clock, "desk": desk, "ground": ground})


def test_any_order_of_concurrent_steps_leaves_a_legal_history(machine: type[Desk]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=16, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
