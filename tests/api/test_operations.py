"""The commands of docs/service.md and docs/operations.md work as written; what deploy/ names exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from served import addresses, our_plan
from typer.main import get_command
from typer.testing import CliRunner

from api.app import create_app
from api.settings import Settings
from gridplan.cli import app as commands
from gridplan.output import write_plan
from gridplan.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder to work in, with a store of its own and the files that the documents name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'plans.sqlite'}")
    write_plan(our_plan(), tmp_path / "plan.gpkg")
    addresses().to_csv(tmp_path / "addresses.csv", index=False)
    return tmp_path


def lines_of(name: str) -> Iterator[list[str]]:
    text = (ROOT / "docs" / name).read_text("utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        yield from (shlex.split(line) for line in block.splitlines())


def run(*arguments: str) -> str:
    done = CliRunner().invoke(commands, list(arguments))
    assert done.exit_code == 0, (arguments, done.output)
    return str(done.output)


def known(arguments: list[str]) -> None:
    """Demand that a command, which would not end, has the options that it is given."""
    command = get_command(commands).commands[arguments[0]]  # type: ignore[attr-defined]
    names = {name for parameter in command.params for name in parameter.opts}
    assert {each for each in arguments[1:] if each.startswith("--")} <= names


def test_the_commands_of_the_page_of_the_service_work(place: Path) -> None:
    secret = ""
    for program, *arguments in lines_of("service.md"):
        if program == "curl":
            header, url = arguments[1], arguments[2]
            assert header == "X-API-Key: $KEY"
            with TestClient(create_app(Settings(addresses=place / "addresses.csv"))) as client:
                answer = client.get(url.removeprefix("http://127.0.0.1:8000"), headers={"X-API-Key": secret})
            assert (answer.status_code, answer.json()["status"]) == (200, "none")
            return
        assert program == "gridplan"
        if arguments[0] == "serve":
            known(arguments)
        else:
            secret = run(*arguments).strip()
    pytest.fail("the page asks nothing")


def test_the_commands_of_the_page_for_operators_work(place: Path) -> None:
    with Store.open() as store:
        plan = store.publish(our_plan(), by="王强").plan_id
    done = set()
    for program, *arguments in lines_of("operations.md"):
        assert program == "gridplan"
        known(arguments) if arguments[0] == "serve" else run(*arguments)
        done.add(" ".join(arguments[:2]))
    assert {"db backup", "db restore", "db verify", "db migrate", "audit verify", "audit export"} <= done
    with Store.open(place / "restored.sqlite") as restored:
        assert restored.info(plan).number == 1
        assert restored.audit.entries(limit=1)[0].actor == "值班员"


def test_pages_name_settings_that_there_are() -> None:
    there = {f"GRIDPLAN_{name.upper()}" for name in Settings.model_fields}
    for name in ("service.md", "operations.md"):
        named = set(re.findall(r"GRIDPLAN_[A-Z_]+[A-Z]", (ROOT / "docs" / name).read_text("utf-8")))
        assert {each for each in named if not any(known.startswith(each) for known in there)} == set()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "gridplan.service").read_text("utf-8")
    unit = tmp_path / "gridplan.service"
    unit.write_text(text.replace("/opt/gridplan/current/bin/gridplan", "/bin/true"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_deployed_is_there() -> None:
    unit = (ROOT / "deploy" / "gridplan.service").read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    known(shlex.split(start)[1:])
    container = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    entry = re.findall(r"^CMD \[(.+)\]$", container, re.MULTILINE)[0]
    known(re.findall(r'"([^"]+)"', entry))
    assert "/health/live" in container, "a container is not restarted because its store is away"
    for path in re.findall(r"/src/([\w./-]+)", container):
        assert (ROOT / path).exists(), path
