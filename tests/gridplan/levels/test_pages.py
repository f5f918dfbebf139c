"""The pages on levels and on work say what is true: their Python runs, their rules are rules, their commands exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from gridplan.cli import app
from gridplan.rules import WorkModel, rules_from

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "docs" / name for name in ("levels.md", "workload.md")]


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = blocks(page, "python")
    known: dict[str, Any] = {}
    exec(compile(program, page.name, "exec"), known)
    if page.stem == "workload":
        assert (len(known["today"].grids), len(known["relieved"].grids)) == (4, 5), "as the page tells"
        assert known["today"].grids["persons"].min() > 1_000 >= known["relieved"].grids["persons"].max()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_rules_are_rules(page: Path) -> None:
    for example in blocks(page, "toml"):
        rules_from(tomllib.loads(example))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_and_options_exist(page: Path) -> None:
    group: Any = typer.main.get_command(app)
    lines = [line.split() for block in blocks(page, "sh") for line in block.splitlines() if line]
    assert lines
    for _, name, *words in lines:
        known = {option for parameter in group.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known


def test_the_table_of_weights_holds_the_defaults() -> None:
    table = dict(re.findall(r"^\| `([a-z_.]+)` \| (\d+) \|", PAGES[1].read_text(encoding="utf-8"), re.M))
    model = WorkModel()
    said = {name: float(value) for name, value in table.items()}
    terms = {name: getattr(model, name) for name in said if not name.startswith("special.")}
    assert said == {**terms, **{f"special.{group}": minutes for group, minutes in model.special.items()}}
    assert set(terms) == {name for name in WorkModel.__dataclass_fields__ if name not in ("special", "incident_months")}
