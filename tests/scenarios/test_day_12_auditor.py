"""
Day 12, the auditor (API).

Who changed this boundary, when, why, on whose approval; which lookups of personal data were made last week; prove that
nothing was altered since.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

import gridplan
from gridplan.store import Store

from .conftest import ON_BOTH, Run, made_key
from .service import Service, serving

PHONE = "13812345678"


@ON_BOTH
def test_day_12(gridplan_command: Run, office: Path, store_url: str, tmp_path: Path, papers: Path) -> None:
    plan = gridplan.make_plan(office, {"approval": {"approver_differs": True}}, effort="quick")
    with Store.open(store_url) as store:
        first = store.save_draft(plan, author="王强").plan_id
        store.submit(first, by="王强", reason="首次划分")
        store.approve(first, by="赵敏", reason="同意")
        store.publish(first, by="赵敏")

    with serving(tmp_path, database_url=store_url) as service:
        people = (("planner", "李娜"), ("planner", "赵敏"), ("viewer", "大屏"))
        drawing, approving, looking = (made_key(gridplan_command, role, name) for role, name in people)

        # A planner moves one building over the boundary, another approves, and it is published.
        draft = service.ask("/v1/plans", key=drawing, body={"base": first, "name": "调整边界"})
        assert draft.status == 201, draft.body
        plan_id = draft.body["plan_id"]
        building, target = easy(plan)
        body = {"action": "move", "parameters": {"units": [building], "to": target}, "reason": "居民要求"}
        moved = service.ask(f"/v1/plans/{plan_id}/edits", key=drawing, body=body)
        assert moved.status in (200, 201), moved.body
        assert service.ask(f"/v1/plans/{plan_id}/submit", key=drawing, body={"reason": "报审"}).status == 200
        own = service.ask(f"/v1/plans/{plan_id}/approve", key=drawing, body={"reason": "自批"})
        assert own.status == 409, "not by the one who drew it"
        assert service.ask(f"/v1/plans/{plan_id}/approve", key=approving, body={"reason": "同意"}).status == 200
        assert service.ask(f"/v1/plans/{plan_id}/publish", key=approving, body={"reason": "发布"}).status == 200

        # The auditor: what changed, who, when, why; on whose approval.
        edits = service.ask(f"/v1/plans/{plan_id}/edits", key=approving).body["edits"]
        assert [(each["action"], each["reason"]) for each in edits] == [("move", "居民要求")]
        assert "李娜" in edits[0]["author"]
        history = service.ask(f"/v1/plans/{plan_id}/history").body["events"]
        by = {event["action"]: event["by"] for event in history}
        assert "赵敏" in by["approve"] or "赵敏" in by["approved"]
        log = service.ask(f"/v1/audit?subject={plan_id}").body
        actions = [entry["action"] for entry in log["records"]]
        for wanted in ("publish", "approve", "submit"):
            assert any(wanted in action for action in actions), actions
        assert service.ask("/v1/audit", key=looking).status == 403, "a viewer reads no log"

        personal_data(service, gridplan_command, plan)
        (papers / "audit.json").write_text(json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")

    # Proof that nothing was altered since: the log's chain, and an export kept elsewhere.
    gridplan_command("audit", "export", "log.jsonl", "--by", "审计")
    gridplan_command("audit", "verify", "--against", "log.jsonl")
    altered_by_who_owns_it(store_url)
    refused = gridplan_command("audit", "verify", "--against", "log.jsonl", code=1)
    assert "2" in refused.stdout + refused.stderr, "the first record that does not fit is named"


def altered_by_who_owns_it(url: str) -> None:
    """Change a record as one can who owns the database: the guards are taken away first."""
    own = sa.make_url(url)
    engine = sa.create_engine(own if own.drivername == "sqlite" else own.set(drivername="postgresql+psycopg"))
    update = "UPDATE audit SET actor = '他人' WHERE number = 2"
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(update)
    with engine.begin() as connection:
        if own.drivername == "sqlite":
            guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
            for name in connection.exec_driver_sql(guards).scalars().all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
        connection.exec_driver_sql(update)
    engine.dispose()


def easy(plan: gridplan.Plan) -> tuple[str, str]:
    """Return a building that can go over to a grid beside its own."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[2] / "notebooks"))
    import samples

    return samples.easy_move(plan)


def personal_data(service: Service, run: Run, plan: gridplan.Plan) -> None:
    """Which lookups of personal data were made this week: who, when, whose, which fields; nothing of what was shown."""
    at = plan.grids.representative_point().to_crs("EPSG:4326").iloc[0]
    clerk = made_key(run, "dispatcher", "热线坐席")
    call = {"category": "noise", "lon": at.x, "lat": at.y, "reporter": "张三丰", "phone": PHONE, "text": "太吵"}
    name = service.ask("/v1/incidents", key=clerk, body=call).body["incident_id"]
    assert PHONE not in json.dumps(service.ask(f"/v1/incidents/{name}", key=clerk).body), "masked: no look"
    assert PHONE in json.dumps(service.ask(f"/v1/incidents/{name}?personal=true", key=clerk).body)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    week = f"from={today - timedelta(days=6)}&to={today + timedelta(days=1)}"  # before that day
    [look] = service.ask(f"/v1/audit?action=incident.read&{week}").body["records"]
    assert (look["subject"], set(look["details"]["fields"])) == (name, {"reporter", "phone", "address", "words"})
    assert "热线坐席" in look["actor"]
    assert datetime.fromisoformat(look["at"]).astimezone(ZoneInfo("Asia/Shanghai")).date() == today
    assert PHONE not in json.dumps(service.ask("/v1/audit").body), "the log tells of data, it does not hold them"
