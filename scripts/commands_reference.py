"""
Write the reference of all commands from their own help: ``python scripts/commands_reference.py > docs/commands.md``.

A test demands that the file says what this prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

import typer

from gridplan.cli import app

INTRODUCTION = """# Commands

Every command with its arguments and options, as `--help` has them. Exit codes: 0 done, 1 done with violations under
`--strict` (or a proof that failed), 2 bad input or usage, 130 after Ctrl-C.

`scripts/commands_reference.py` writes this page from the commands themselves; a test holds them together.
"""


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


def _values(parameter: Any) -> str:
    """Return what a parameter takes: its choices, its metavar or its type; nothing for a flag."""
    kind = parameter.type_descriptor.annotation
    if kind is bool:
        return ""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{each.value}`" for each in kind)
    return f"`{parameter.metavar or getattr(kind, '__name__', str(kind)).upper()}`".replace("|", "\\|")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    value = parameter.default
    value = value() if callable(value) else value
    if value is None or value is False or value == () or "UNSET" in str(value).upper() or value == "":
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _row(parameter: Any) -> str:
    name = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar or parameter.name.upper()}`"
        return f"| {name} | | {_default(parameter)} | {_cell(getattr(parameter, 'help', None) or '')} |"
    return f"| {name} | {_values(parameter)} | {_default(parameter)} | {_cell(parameter.help or '')} |"


def section(full: str, command: Any) -> str:
    """
    Return the Markdown of one command.

    Parameters
    ----------
    full
        Its full name.
    command
        The click command.
    """
    paragraphs = re.split(r"\n\s*\n", command.help or "")
    lines = [f"## `{full}`", "", *(part for text in paragraphs for part in (_cell(text), ""))]
    shown = [each for each in command.params if "--help" not in each.opts and not getattr(each, "hidden", False)]
    if shown and not hasattr(command, "commands"):
        rows = sorted(shown, key=lambda each: each.param_type_name != "argument")
        lines += ["| argument, option | takes | default | meaning |", "|---|---|---|---|", *map(_row, rows), ""]
    return "\n".join(lines)


def reference() -> str:
    """Return the whole page."""
    group = typer.main.get_command(app)
    return "\n".join([INTRODUCTION, *(section(full, command) for full, command in commands(group))]).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
