"""
The catalogue of faults: what each code means and how it is cured, in English and Chinese.

The texts stand in ``catalogue.toml`` beside this module, since they are data that translators edit. This
module only reads them and fills in what a case adds; it decides nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]
Severity = Literal["error", "warning", "note"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Wording:
    """
    The texts of one fault in one language; words in braces are filled in by the case.

    Parameters
    ----------
    expected, found, todo
        What should be there, what is there, and what a planner can do about it.
    cost
        What going on with ``--accept`` costs; "" where the fault cannot be accepted.
    """

    expected: str
    found: str
    todo: str
    cost: str = ""


@dataclass(frozen=True)
class Entry:
    """
    One code of the catalogue.

    Parameters
    ----------
    code
        Stable name in kebab case.
    severity
        ``error`` refuses the run, ``warning`` is a repair or a risk, ``note`` a decision taken for the planner.
    acceptable
        Layers in which ``--accept CODE`` lets the run go on; "" stands for the whole source.
    wordings
        Texts by language.
    """

    code: str
    severity: Severity
    acceptable: tuple[str, ...]
    wordings: Mapping[Language, Wording]


@cache
def catalogue() -> Mapping[str, Entry]:
    """Return all entries by code, in the order of the file."""
    table = tomllib.loads((files("gridplan") / "catalogue.toml").read_text(encoding="utf-8"))
    return {code: _entry(code, values) for code, values in table.items()}


def _entry(code: str, values: Mapping[str, Any]) -> Entry:
    wordings: dict[Language, Wording] = {language: Wording(*values[language]) for language in LANGUAGES}
    return Entry(code, values["severity"], tuple(values.get("acceptable", ())), wordings)


class _Given(dict[str, object]):
    """Parameters of a case; one that is absent stays visible as ``{name}`` instead of hiding the message."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def fill(text: str, params: Mapping[str, object]) -> str:
    """
    Fill the words in braces of a catalogue text.

    Parameters
    ----------
    text
        Text of a :class:`Wording`.
    params
        Values by name.
    """
    return text.format_map(_Given(params))


def table_of_codes(language: Language = "en") -> str:
    """
    Return the catalogue as a Markdown table, the form in which ``docs/sources.md`` holds it.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    """
    lines = ["| code | severity | expected | found | what to do | accepting it |", "|---|---|---|---|---|---|"]
    for entry in catalogue().values():
        words = entry.wordings[language]
        cells = (f"`{entry.code}`", entry.severity, words.expected, words.found, words.todo, words.cost)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)
