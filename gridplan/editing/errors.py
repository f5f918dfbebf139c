"""What an edit is refused with, in both languages: each message names what was found and what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from gridplan.errors import EditError, NotADraftError, StaleEditError, UnknownCodeError
from gridplan.schema import nearest
from gridplan.words import LANGUAGES, called

SHOWN = 5
_MORE = {"zh": " 等 {} 个", "en": " and {} more"}
_NONE = {"zh": "无", "en": "none"}


@cache
def texts() -> Mapping[str, tuple[str, str]]:
    """Return every text, Chinese and English, by key; they stand in ``refusals.toml``."""
    table = tomllib.loads((files("gridplan") / "editing" / "refusals.toml").read_text(encoding="utf-8"))
    return {key: (zh, en) for key, (zh, en) in table.items()}


def impossible(key: str, /, **values: Any) -> EditError:
    """
    Return the error for an edit that cannot be made.

    Parameters
    ----------
    key
        Of the text in ``refusals.toml``.
    values
        What the text names; of a list the first few are said, and how many there are. A mapping of ``zh`` and ``en``
        is a text of its own.
    """
    return EditError(*_both(key, **values))


def _both(key: str, /, **values: Any) -> tuple[str, str]:
    """Return a text in English and in Chinese."""
    chinese, english = (
        text.format(**{name: _said(value, language) for name, value in values.items()})
        for text, language in zip(texts()[key], LANGUAGES, strict=True)
    )
    return english, chinese


def _said(value: Any, language: str) -> Any:
    if isinstance(value, Mapping):
        return value[language]
    if not isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return value
    listed = [str(each) for each in value]
    more = _MORE[language].format(len(listed) - SHOWN) if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more if listed else _NONE[language]


def _text(key: str, /, **values: Any) -> dict[str, str]:
    """Return a text that is a part of others."""
    english, chinese = _both(key, **values)
    return {"en": english, "zh": chinese}


def unknown(what: str, names: Collection[str], known: Collection[str]) -> UnknownCodeError:
    """
    Return the error for names that the plan does not have; the nearest known ones are offered.

    Parameters
    ----------
    what
        ``grid``, ``unit``, ``street`` or ``beside``.
    names, known
        What was asked for, and what there is.
    """
    near = [match for name in sorted(names)[:SHOWN] if (match := nearest(name, known))]
    hint: Any = _text("did_you_mean", near=near) if near else ""
    return UnknownCodeError(*_both(f"unknown_{what}", names=sorted(names), hint=hint))


def locked(codes: Iterable[str]) -> EditError:
    """Return the error for locked grids."""
    return impossible("locked", codes=sorted(codes))


def exclusive(codes: Iterable[str]) -> EditError:
    """Return the error for exclusive areas mixed with other grids."""
    return impossible("exclusive", codes=sorted(codes))


def two_communities(communities: Iterable[str]) -> EditError:
    """Return the error for ground of several communities."""
    return impossible("two_communities", communities=sorted(communities))


def no_draft(status: str) -> NotADraftError:
    """Return the error for a plan that is no draft."""
    state = {language: called("state", status, language) for language in LANGUAGES}
    return NotADraftError(*_both("no_draft", state=state))


def stale(expected: str, found: str) -> StaleEditError:
    """Return the error for an edit that was meant for another state."""
    without: Any = _text("no_edits")
    return StaleEditError(*_both("stale", expected=expected or without, found=found or without))
