"""
Write the reference of all commands from their own help: ``python scripts/commands_reference.py > docs/commands.md``.

With the argument ``zh`` in Chinese, for docs/commands.zh.md. A test demands that the files say what this prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer

from gridplan.cli import app
from gridplan.cli.chinese import translated

INTRODUCTION = {
    "en": """# Commands

[中文](commands.zh.md)

Every command with its arguments and options, as `--help` has them. Exit codes: 0 done, 1 done with violations under
`--strict` (or a proof that failed), 2 bad input or usage, 130 after Ctrl-C. `GRIDPLAN_LANG=zh` in the environment, or a
machine whose own language is Chinese, makes help and messages Chinese without `--lang`.

`scripts/commands_reference.py` writes this page from the commands themselves; a test holds them together.
""",
    "zh": """# 命令

[English](commands.md)

全部命令及其参数和选项，与 `--help` 相同。
退出码：0 完成；1 完成但有例外（用 `--strict` 时）或证明不成立；2 输入或用法有误；130 按 Ctrl-C 中断。
在环境变量中设 `GRIDPLAN_LANG=zh`，或机器本身的语言是中文时，
说明和提示信息均为中文，不必写 `--lang`。

本页由 `scripts/commands_reference.py` 从命令本身生成，并有测试核对。
""",
}
HEAD = {"en": "| argument, option | takes | default | meaning |", "zh": "| 参数、选项 | 取值 | 默认 | 含义 |"}
NEEDED = {"en": "needed", "zh": "必填"}


def commands(group: Any, before: str = "gridplan") -> Iterator[tuple[str, Any]]:
    """
    Yield every command with its full name, groups before what they hold.

    Parameters
    ----------
    group
        A click group.
    before
        Its own full name.
    """
    for name, command in group.commands.items():
        full = f"{before} {name}"
        yield full, command
        if hasattr(command, "commands"):
            yield from commands(command, full)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def _said(text: str, language: str) -> str:
    return translated(text) if language == "zh" else text


def _values(parameter: Any) -> str:
    """Return what a parameter takes: its choices, its metavar or its type; nothing for a flag."""
    kind = parameter.type_descriptor.annotation
    if kind is bool:
        return ""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{each.value}`" for each in kind)
    return f"`{parameter.metavar or getattr(kind, '__name__', str(kind)).upper()}`".replace("|", "\\|")


def _default(parameter: Any, language: str) -> str:
    if parameter.required:
        return NEEDED[language]
    value = parameter.default
    value = value() if callable(value) else value
    if value is None or value is False or value == () or "UNSET" in str(value).upper() or value == "":
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _row(parameter: Any, language: str) -> str:
    name = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    about = _cell(_said(getattr(parameter, "help", None) or "", language))
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar or parameter.name.upper()}`"
        return f"| {name} | | {_default(parameter, language)} | {about} |"
    return f"| {name} | {_values(parameter)} | {_default(parameter, language)} | {about} |"


def section(full: str, command: Any, language: str) -> str:
    """
    Return the Markdown of one command.

    Parameters
    ----------
    full
        Its full name.
    command
        The click command.
    language
        ``en`` or ``zh``.
    """
    paragraphs = re.split(r"\n\s*\n", _said(command.help or "", language))
    lines = [f"## `{full}`", "", *(part for text in paragraphs for part in (_cell(text), ""))]
    shown = [each for each in command.params if "--help" not in each.opts and not getattr(each, "hidden", False)]
    if shown and not hasattr(command, "commands"):
        rows = sorted(shown, key=lambda each: each.param_type_name != "argument")
        lines += [HEAD[language], "|---|---|---|---|", *(_row(each, language) for each in rows), ""]
    return "\n".join(lines)


def reference(language: str = "en") -> str:
    """
    Return the whole page.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    """
    group = typer.main.get_command(app)
    sections = (section(full, command, language) for full, command in commands(group))
    return "\n".join([INTRODUCTION[language], *sections]).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference(*sys.argv[1:]))
