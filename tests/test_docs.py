"""The documents keep pace: every command and option is described, every link leads somewhere, help loads little."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from gridplan.cli import app
from gridplan.words import groups

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
HEAVY = ("geopandas", "pandas", "shapely", "numba", "sklearn", "folium", "pyarrow")


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def options_of(command: Any) -> set[str]:
    names = {name for parameter in command.params if parameter.param_type_name == "option" for name in parameter.opts}
    return names - {"--help", "-h"}


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("command", commands())
def test_each_command_and_option_is_described(command: str, readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert f"gridplan {command}" in text
    missing = {
        name
        for name in options_of(commands()[command])
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    }
    assert not missing


def called(text: str) -> Iterator[tuple[Any, str]]:
    """Yield each command line of a text that names a command, as the command and its arguments."""
    for line in re.findall(r"(?:^|[`\s(])gridplan ([a-z][^`\n|]*)", text.replace("\\\n", " "), re.MULTILINE):
        command, words = typer.main.get_command(app), line.split()
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        if not hasattr(command, "commands"):
            yield command, " ".join(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_command_lines_have_options_that_exist(document: Path) -> None:
    unknown = [
        (command.name, option)
        for command, words in called(document.read_text(encoding="utf-8"))
        for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", words)
        if option not in {name for each in command.params for name in each.opts} | {"--help"}
    ]
    assert not unknown


@pytest.mark.parametrize("readme", READMES)
def test_each_reason_is_explained(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert [reason for reason in groups()["reason"] if f"| `{reason}` |" not in text] == []


@pytest.mark.parametrize("command", ["", *commands()])
def test_help_loads_nothing_heavy(command: str) -> None:
    program = (
        "import sys; from gridplan.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(code)"
    )
    arguments = [sys.executable, "-c", program, *filter(None, [command]), "--help"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert f"gridplan {command}".strip() in done.stdout or "Usage" in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL))
    broken = [
        target for target in targets if not re.match(r"https?:|mailto:", target) and not _resolves(document, target)
    ]
    assert not broken


def _resolves(document: Path, target: str) -> bool:
    place, _, heading = unquote(target).partition("#")
    path = document.parent / place if place else document
    if not path.exists():
        return False
    return not heading or heading in {
        _anchor(title) for title in re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    }


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def test_both_readmes_tell_the_same() -> None:
    """The same sections in the same order, and the same code, so that neither language falls behind."""
    code = [re.findall(r"```\w*\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL) for name in READMES]
    levels = [re.findall(r"^(#+) ", (ROOT / name).read_text("utf-8"), re.M) for name in READMES]
    assert [len(block.splitlines()) for block in code[0]] == [len(block.splitlines()) for block in code[1]]
    assert levels[0] == levels[1]
