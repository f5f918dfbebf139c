"""Help in Chinese: all of it, cut nowhere, chosen by the machine's language or by a variable."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import typer

from gridplan.cli import app
from gridplan.cli.chinese import catalogue, said, settle_language, translated


def test_every_paragraph_of_help_is_said_in_chinese_and_nothing_else() -> None:
    spoken = set(said(typer.main.get_command(app)))
    assert spoken - set(catalogue()) == set(), "missing in gridplan/cli/help.zh.toml"
    assert set(catalogue()) - spoken == set(), "left over in gridplan/cli/help.zh.toml"
    assert [text for text in catalogue().values() if not re.search(r"[一-鿿]", text)] == []


def test_names_of_options_and_files_are_not_translated() -> None:
    name = re.compile(r"--[a-z][a-z-]*|GRIDPLAN_[A-Z_]+|\b[A-Z]+\.(?:report\.)?(?:gpkg|json|csv)")
    for english, chinese in catalogue().items():
        assert set(name.findall(english)) == set(name.findall(chinese)), english


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "GRIDPLAN_LANG": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "GRIDPLAN_LANG": "zh"}, "zh"),
    ],
)
def test_who_says_which_language(variables: dict[str, str], language: str) -> None:
    assert settle_language(variables) == language
    assert variables.get("GRIDPLAN_LANG", "en") == language


def test_a_page_is_whole_on_a_narrow_terminal_and_messages_follow() -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        code = "from gridplan.cli import main; main()"
        surroundings = os.environ | {"GRIDPLAN_LANG": "zh", "COLUMNS": "80"}
        return subprocess.run([sys.executable, "-c", code, *words], env=surroundings, capture_output=True, text=True)

    page = "".join(run("plan", "--help").stdout.split())
    assert "…" not in page
    long = [text for text in catalogue() if "Dask" in text or "exact model" in text]
    assert len(long) == 2
    for english in long:
        assert "".join(translated(english).split()) in page
    for frame in ("用法：", "选项：", "[必填]", "显示本说明。"):
        assert frame in page
    assert "不能编制方案" in run("check", "nothing.gpkg").stdout
