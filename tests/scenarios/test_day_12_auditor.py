"""
Day 12, the auditor (API).

Who changed this boundary, when, why, on whose approval; which lookups of personal data were made last week; prove that
nothing was altered since.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import gridplan
from gridplan.store import Store

from .conftest import Run
from .service import serving


def test_day_12(gridplan_command: Run, office: Path, tmp_path: Path, papers: Path) -> None:
    plan = gridplan.make_plan(office, {"approval": {"approver_differs": True}}, effort="quick")
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        first = store.save_draft(plan, author="王强").plan_id
        store.submit(first, by="王强", reason="首次划分")
        store.approve(first, by="赵敏", reason="同意")
        store.publish(first, by="赵敏")

    with serving(tmp_path) as service:

        def made(role: str, name: str) -> str:
            done = gridplan_command("keys", "create", "--role", role, "--name", name, "--by", "赵敏")
            return next(word for word in done.stdout.split() if word.startswith("gp_"))

        drawing, approving, looking = made("planner", "李娜"), made("planner", "赵敏"), made("viewer", "大屏")

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

        (papers / "audit.json").write_text(json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")

    # Proof that nothing was altered since: the log's chain, and an export kept elsewhere.
    gridplan_command("audit", "export", "log.jsonl", "--by", "审计")
    gridplan_command("audit", "verify", "--against", "log.jsonl")
    with sqlite3.connect(tmp_path / "store.sqlite") as raw:
        names = [
            row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit'")
        ]
        assert names, "the table is guarded"
        for name in names:  # one who owns the file can take the guards away
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.execute("UPDATE audit SET actor = '他人' WHERE number = 2")
    refused = gridplan_command("audit", "verify", "--against", "log.jsonl", code=1)
    assert "2" in refused.stdout + refused.stderr, "the first record that does not fit is named"


def easy(plan: gridplan.Plan) -> tuple[str, str]:
    """Return a building that can go over to a grid beside its own."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[2] / "notebooks"))
    import samples

    return samples.easy_move(plan)
