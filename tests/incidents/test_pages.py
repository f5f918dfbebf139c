"""The pages on incidents and statistics: their commands and their Python are run."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from desk_city import calls
from typer.testing import CliRunner

from gridplan.cli import app
from gridplan.incidents.mapping import read_layout

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


@pytest.fixture
def folder(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a store, and the files that the pages speak of; it is the working one."""
    shutil.copy(template, tmp_path / "plans.sqlite")
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", str(tmp_path / "plans.sqlite"))
    monkeypatch.chdir(tmp_path)
    calls(40, closed=0.0).assign(类别="暴露垃圾").to_csv("calls.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("page", ["incidents.md", "statistics.md"])
def test_commands_do_what_the_page_says(page: str, folder: Path) -> None:
    run = CliRunner()
    run.invoke(app, shlex.split("incidents import calls.csv --source 前")) if page == "statistics.md" else None
    for line in "".join(blocks(page, "sh")).splitlines():
        if "--addresses" in line or " ID" in line:
            continue  # they need a table of addresses, and an id that a run gives
        done = run.invoke(app, shlex.split(line.removeprefix("gridplan ")))
        assert done.exit_code == 0, f"{line}\n{done.output}"


def test_the_python_of_the_pages_runs(folder: Path) -> None:
    first, *_ = blocks("incidents.md", "python")
    for block in [first, *blocks("statistics.md", "python")]:
        exec(compile(block, "page", "exec"), {})


def test_the_mapping_of_the_page_is_one(folder: Path) -> None:
    (block,) = blocks("incidents.md", "toml")
    (folder / "map.toml").write_text(block, "utf-8")
    layout = read_layout(folder / "map.toml")
    assert (layout.source, layout.datum, layout.columns["reported_at"]) == ("12345", "gcj02", "日期+时间")
