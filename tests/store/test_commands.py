"""The commands of the store, as a planner types them: files in, answers out, refusals in two languages."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from drawn import A
from stored import assert_same, draw, merged
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.output import write_plan
from gridplan.plan import Plan, read_plan
from gridplan.store import Store


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the commands use a store of the test's own."""
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'data' / 'plans.sqlite'}")
    monkeypatch.setenv("LOGNAME", "lina")
    return tmp_path


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == code, done.output
    return str(done.output)


def told(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--json"))


def file(folder: Path, plan: Plan, name: str = "plan.gpkg") -> Path:
    write_plan(plan, folder / name)
    return folder / name


def test_a_file_is_published_and_in_force_from_its_day(shelf: Path, drawn_plan: Plan) -> None:
    said = run("publish", file(shelf, drawn_plan), "--valid-from", "2026-12-01", "--reason", "首版", "--lang", "zh")
    (plan,) = told("plans", "list")
    assert said.startswith(f"已发布 {plan['plan_id']}（范围 230718001），2026年12月1日启用")
    assert (plan["author"], plan["published_by"], plan["valid_from"]) == ("lina", "lina", "2026-12-01")
    assert told("plans", "in-force", "--on", "2026-11-30") == []
    assert [each["plan_id"] for each in told("plans", "in-force", "--on", "2026-12-01")] == [plan["plan_id"]]
    assert told("plans", "show", plan["plan_id"])["events"][-1]["reason"] == "首版"
    assert "publish" in run("plans", "show", plan["plan_id"])
    with Store.open() as store:
        assert store.load(plan["plan_id"]).equals(store.begin(plan["plan_id"])) is False, "valid_from is set"


def test_from_draft_to_force_with_another_persons_approval(shelf: Path, drawn_plan: Plan) -> None:
    rules = {**drawn_plan.report["rules"], "approval": {"approver_differs": True, "notice_days": 0}}
    asking = Plan(**{**vars_of(drawn_plan), "report": {**drawn_plan.report, "rules": rules}})
    source = file(shelf, asking)
    assert "run `gridplan plans submit" in run("publish", source, code=2)
    assert told("plans", "list") == [], "a plan that could not be published is not kept"
    plan_id = run("plans", "save", source, "--name", "三季度").split()[0]
    run("plans", "submit", plan_id)
    refused = run("plans", "approve", plan_id, "--lang", "zh", code=2)
    assert "方案当前状态不允许此操作" in refused
    assert "another person" in refused
    run("plans", "send-back", plan_id, "--reason", "再看", "--by", "王强")
    run("plans", "submit", plan_id)
    run("plans", "approve", plan_id, "--by", "王强")
    assert "已批准" in run("plans", "list", "--lang", "zh")
    assert "in force from" in run("publish", plan_id[:-1])
    steps = [event["action"] for event in told("plans", "show", plan_id)["events"]]
    assert steps == ["save", "submit", "send_back", "submit", "approve", "publish"]


def vars_of(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__}


def test_the_next_plan_goes_through_a_file_and_knows_its_base(shelf: Path, drawn_plan: Plan) -> None:
    first = run("publish", file(shelf, drawn_plan)).split()[1]
    ours, yours = shelf / "ours.gpkg", shelf / "yours.gpkg"
    run("plans", "write", first, "-o", ours, "--begin")
    edited = merged(read_plan(ours), A)
    file(shelf, edited, "ours.gpkg")
    file(shelf, read_plan(ours).undo(), "yours.gpkg")
    said = run("publish", ours)
    assert f"it replaces {first}" in said
    second = said.split()[1]
    stale = run("publish", yours, code=2)
    assert f"lina published {second}" in stale
    assert "方案所依据的版本已过期" in run("publish", yours, "--lang", "zh", code=2)
    run("plans", "write", second, "-o", shelf / "back.gpkg")
    back = read_plan(shelf / "back.gpkg")
    assert back.status == "published"
    assert back.edits == edited.edits
    assert len(told("plans", "list", "--state", "retired")) == 1
    run("plans", "retire", second, "--reason", "撤销")
    assert told("plans", "in-force") == []
    assert "no such" not in run("plans", "discard", second, code=2)


def test_backup_restore_migrate_verify(shelf: Path, drawn_plan: Plan) -> None:
    assert "schema - -> " in run("db", "migrate")
    plan_id = run("publish", file(shelf, drawn_plan)).split()[1]
    saved = shelf / "backup.sqlite"
    assert run("db", "backup", saved) == f"{saved}: 1 plans\n"
    assert "--overwrite" in run("db", "restore", saved, code=2)
    other = f"sqlite:///{shelf / 'other.sqlite'}"
    assert run("db", "restore", saved, "--store", other) == "restored 1 plans\n"
    assert "chunks are what was written" in run("db", "verify", "--store", other)
    with Store.open(other) as restored, Store.open() as store:
        assert_same(restored.load(plan_id), store.load(plan_id))
        assert restored.history(plan_id) == store.history(plan_id)


def test_bad_input_is_said_and_changes_nothing(shelf: Path) -> None:
    assert "there is no plan 'nothing'" in run("publish", "nothing", code=2)
    assert "库中没有" in run("plans", "show", "nothing", "--lang", "zh", code=2)
    bad = shelf / "bad.gpkg"
    bad.write_text("no plan")
    run("publish", bad, code=2)
    run("publish", shelf / "absent.gpkg", code=2)
    assert "is no backup" in run("db", "restore", bad, code=2)
    run("plans", "list", "--store", "mysql://somewhere/db", code=2)
    run("plans", "list", "--store", shelf, code=2)
    run("publish", "x", "--valid-from", "1.12.2026", code=2)
    assert told("plans", "list") == []


DOCUMENT = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")


def test_the_commands_of_the_document_work(shelf: Path, drawn_plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)
    file(shelf, drawn_plan)
    plan_id = ""
    block = re.search(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    assert block is not None
    for line in block[1].splitlines():
        program, *arguments = shlex.split(line.replace("ID", plan_id))
        assert program == "gridplan"
        said = run(*arguments)
        plan_id = plan_id or said.split()[0]
    assert [plan["state"] for plan in told("plans", "list")] == ["published"] * 2


def test_the_code_of_the_document_works(shelf: Path, drawn_plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shelf)
    block = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert block is not None
    exec(compile(block[1], "docs/store.md", "exec"), {"plan": drawn_plan})


def test_a_plan_outside_its_scope_is_refused(shelf: Path) -> None:
    source = file(shelf, draw(5, "230717005001"))
    assert "other codes: 230717005001" in run("publish", source, "--scope", "230718", code=2)
    assert "(scope 230717)" in run("publish", source, "--scope", "230717")
