"""
The words that people read, in Chinese and English, and how numbers, areas and days are written.

The words stand in ``words.toml`` beside this module, since they are data that translators edit; ``docs/words.md`` shows
them. Whatever is said in more than one place is said from here, so that a grid's kind, a plan's state or a heading
reads the same in a command, a workbook, a sheet and a page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from datetime import date

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_TERMS = "term"
_M2_A_HECTARE, _M2_A_KM2 = 10_000, 1_000_000


@dataclass(frozen=True)
class Pair:
    """
    One text in both languages.

    Parameters
    ----------
    zh, en
        The text; English as inside a sentence.
    """

    zh: str
    en: str

    @classmethod
    def of(cls, both: list[str]) -> Self:
        """Return the pair that a row of the catalogue is."""
        zh, en = both
        return cls(zh, en)

    def said(self, language: str) -> str:
        """Return the text in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Term:
    """
    A thing that gridplan is about.

    Parameters
    ----------
    word
        What it is called.
    means
        What it is.
    never_zh, never_en
        What it is never called.
    """

    word: Pair
    means: Pair
    never_zh: tuple[str, ...] = ()
    never_en: tuple[str, ...] = ()


@cache
def _catalogue() -> Mapping[str, Any]:
    return tomllib.loads((files("gridplan") / "words.toml").read_text(encoding="utf-8"))


@cache
def terms() -> Mapping[str, Term]:
    """Return the glossary, in the order of the file."""
    found = {}
    for key, row in _catalogue()[_TERMS].items():
        never = row.get("never", [[], []])
        found[key] = Term(Pair.of(row["word"]), Pair.of(row["means"]), *(tuple(each) for each in never))
    return MappingProxyType(found)


@cache
def groups() -> Mapping[str, Mapping[str, Pair]]:
    """Return all words but the glossary: groups by name, and in each its words by key."""
    rows = {name: group for name, group in _catalogue().items() if name != _TERMS}
    return MappingProxyType({name: {key: Pair.of(both) for key, both in group.items()} for name, group in rows.items()})


def group(name: str, language: str) -> dict[str, str]:
    """
    Return a group of words by key.

    Parameters
    ----------
    name
        Name of the group, such as ``state``.
    language
        ``zh`` or ``en``.

    Examples
    --------
    >>> group("change", "zh")["merged"]
    '合并'
    """
    return {key: pair.said(language) for key, pair in groups()[name].items()}


def word(key: str, language: str) -> str:
    """
    Return a word as it stands inside a sentence.

    Parameters
    ----------
    key
        ``GROUP.KEY``; terms of the glossary are the group ``term``.
    language
        ``zh`` or ``en``.

    Raises
    ------
    KeyError
        If there is no such word.

    Examples
    --------
    >>> word("state.submitted", "zh"), word("term.households", "en")
    ('已提交', 'households')
    """
    name, _, own = key.partition(".")
    return (terms()[own].word if name == _TERMS else groups()[name][own]).said(language)


def called(name: str, code: str, language: str) -> str:
    """
    Return what a value is called, or the value itself where the catalogue does not know it.

    Parameters
    ----------
    name
        Name of the group, such as ``kind``.
    code
        The value, as layers and programs write it.
    language
        ``zh`` or ``en``.
    """
    known = groups()[name].get(code)
    return code if known is None else known.said(language)


def heading(key: str, language: str) -> str:
    """
    Return a word as it begins a column or a line: English with a capital.

    Parameters
    ----------
    key, language
        As of `word`.

    Examples
    --------
    >>> heading("column.valid_from", "en"), heading("column.valid_from", "zh")
    ('Valid from', '启用日期')
    """
    text = word(key, language)
    return text[:1].upper() + text[1:]


def grouped(count: float, digits: int = 0) -> str:
    """
    Return a number as people read it in either language: in groups of three digits.

    Parameters
    ----------
    count
        The number.
    digits
        Decimal places.

    Examples
    --------
    >>> grouped(28802), grouped(-3.14159, 2)
    ('28,802', '-3.14')
    """
    return f"{count:,.{digits}f}"


def area(m2: float, language: str = "zh") -> str:
    """
    Return an area in the unit that suits its size: square metres, hectares from one on, square kilometres from one on.

    Parameters
    ----------
    m2
        Square metres, >= 0.
    language
        ``zh`` or ``en``.

    Examples
    --------
    >>> area(8532.4), area(125_000), area(3_210_000, "en")
    ('8,532 平方米', '12.5 公顷', '3.2 km²')
    """
    for least, unit in ((_M2_A_KM2, "km2"), (_M2_A_HECTARE, "hectare")):
        if m2 >= least:
            return f"{grouped(m2 / least, 1)} {word(f'unit.{unit}', language)}"
    return f"{grouped(m2)} {word('unit.m2', language)}"


def day(when: date | str, language: str = "zh") -> str:
    """
    Return a day: ``2026年12月1日`` in Chinese, ``2026-12-01`` in English.

    Parameters
    ----------
    when
        The day; text as ISO 8601 writes it.
    language
        ``zh`` or ``en``.

    Examples
    --------
    >>> from datetime import date
    >>> day(date(2026, 12, 1)), day("2026-12-01", "en")
    ('2026年12月1日', '2026-12-01')
    """
    year, month, number_of_day = (int(part) for part in str(when).split("-"))
    return f"{year}年{month}月{number_of_day}日" if language == "zh" else str(when)
