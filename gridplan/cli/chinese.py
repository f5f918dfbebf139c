"""
``--help`` in Chinese, where GRIDPLAN_LANG or else the machine's own language says so.

Commands say what they do in English, in their docstrings; ``help.zh.toml`` has each paragraph of it in Chinese, and a
test holds the two together. What click itself says of wrong usage stays English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, MutableMapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

VARIABLE = "GRIDPLAN_LANG"
# In the order in which they decide (POSIX, Base Definitions, 8.2).
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
# What a help page has from the library that lays it out.
_FRAME = {
    "Usage:": "用法：",
    "Arguments:": "参数：",
    "Options:": "选项：",
    "Commands:": "命令：",
    "default: ": "默认：",
    "env var: ": "环境变量：",
    "[required]": "[必填]",
}


def settle_language(variables: MutableMapping[str, str]) -> str:
    """
    Say which language is to be spoken, and let it be the default of every ``--lang``.

    Parameters
    ----------
    variables
        The environment; where GRIDPLAN_LANG is not set and the machine speaks Chinese, it is set.

    Returns
    -------
    language
        What GRIDPLAN_LANG says then, ``en`` where it says nothing.
    """
    if VARIABLE not in variables:
        locale = next((variables[name] for name in _LOCALES if variables.get(name)), "")
        if locale.startswith("zh"):
            variables[VARIABLE] = "zh"
    return variables.get(VARIABLE) or "en"


def speak_chinese(command: Any) -> None:
    """
    Put a command's help, and that of all under it, into Chinese.

    Parameters
    ----------
    command
        A click command; changed.
    """
    for each in _commands(command):
        # In a box, text without spaces is cut where it is too wide.
        each.rich_markup_mode = None
        each.get_help = partial(_framed, each.get_help)
        each.help = translated(each.help or "")
        each.short_help = translated(each.short_help or "") or None
        for parameter in each.params:
            if getattr(parameter, "help", None):
                parameter.help = translated(parameter.help)


def _framed(get_help: Callable[[Any], str], context: Any) -> str:
    if option := context.command.get_help_option(context):
        option.help = "显示本说明。"
    text = get_help(context)
    for english, chinese in _FRAME.items():
        text = text.replace(english, chinese)
    return text


def translated(text: str) -> str:
    """
    Return a help text in Chinese, paragraph by paragraph; English where the catalogue lacks one.

    Parameters
    ----------
    text
        Its paragraphs parted by empty lines.
    """
    return "\n\n".join(catalogue().get(each, each) for each in paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """
    Return the paragraphs of a help text, each on one line.

    Parameters
    ----------
    text
        Its paragraphs parted by empty lines.
    """
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text) if each.strip()]


@cache
def catalogue() -> dict[str, str]:
    """Return the Chinese of each English paragraph."""
    text = files("gridplan.cli").joinpath("help.zh.toml").read_text(encoding="utf-8")
    return {str(english): str(chinese) for english, chinese in tomllib.loads(text).items()}


def said(command: Any) -> Iterator[str]:
    """
    Yield every paragraph of help of a command and of all under it.

    Parameters
    ----------
    command
        A click command.
    """
    for each in _commands(command):
        for text in (each.help, *(getattr(parameter, "help", None) for parameter in each.params)):
            yield from paragraphs(text or "")


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _commands(each)
