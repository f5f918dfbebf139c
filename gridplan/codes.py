"""One code for one grid (一格一码): first numbering, codes that stay, codes that never come back, names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from string import Formatter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.errors import CodeOverflowError

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
MYRIAD = 10_000


def reading_order(xy: NDArray[np.float64], row_height_m: float) -> NDArray[np.int64]:
    """
    Return the order west to east in rows from north to south (从西向东、由北至南: DB11/T 2157-2023).

    Parameters
    ----------
    xy
        Shape (n, 2): middles of the grids, metres.
    row_height_m
        Grids whose middles lie within this height of the row's northernmost stand in one row.

    Examples
    --------
    >>> reading_order(np.array([[0.0, 0.0], [100.0, 100.0], [0.0, 90.0], [100.0, 5.0]]), 50.0).tolist()
    [2, 1, 0, 3]
    """
    row, top = np.empty(len(xy), dtype=np.int64), np.inf
    number = -1
    for place in np.lexsort((xy[:, 0], -xy[:, 1])):
        if xy[place, 1] < top - row_height_m:
            number, top = number + 1, xy[place, 1]
        row[place] = number
    return np.lexsort((-xy[:, 1], xy[:, 0], row))


def new_codes(community: str, template: str, kept: Sequence[str | None], used: Collection[str]) -> list[str]:
    """
    Return the codes of a community's grids: those kept, and new ones after the maximum ever used.

    Parameters
    ----------
    community
        The community_code.
    template
        Template with ``{community}`` and ``{sequence}``.
    kept
        In the order of numbering, the code that each grid keeps, or None for a new one.
    used
        All codes ever used in the community, today's and retired ones: none is used again.

    Raises
    ------
    CodeOverflowError
        If a new code would be longer than the template's first.
    """
    taken = set(used) | {code for code in kept if code is not None}
    sequence = max((sequence_of(code, community, template) for code in taken), default=0)
    width = len(template.format(community=community, sequence=1))
    fixed_width = _has_width(template)
    codes = []
    for code in kept:
        while code is None or (code in taken and code not in kept):
            sequence += 1
            code = template.format(community=community, sequence=sequence)
            if fixed_width and len(code) > width:
                raise CodeOverflowError(
                    f"community {community}: number {sequence} does not fit the template {template!r}; "
                    "codes are never wrapped or reused, so give the template more digits"
                )
            if code in taken:
                code = None
        codes.append(code)
    return codes


def last_code(codes: Iterable[str], community: str, template: str) -> str | None:
    """
    Return the code with the highest sequence, from which new codes count on; None where none is of the template.

    Parameters
    ----------
    codes
        All codes ever used in the community.
    community, template
        As for `new_codes`.

    Examples
    --------
    >>> last_code(["230718001001012", "230718001001007", "Old Mill"], "230718001001", "{community}{sequence:03d}")
    '230718001001012'
    """
    highest, code = max(((sequence_of(code, community, template), code) for code in codes), default=(0, ""))
    return code if highest else None


def used_today(today: pd.DataFrame | None, community: str) -> list[str]:
    """
    Return today's codes of grids in a community and of its make elsewhere, and the last code ever used there.

    Parameters
    ----------
    today
        ``grid_code, last_code`` (null where the source does not say it)``, home`` (the grid's community), or None.
    community
        The community_code.

    Notes
    -----
    A code is given once in a district. A grid that is no more is not among today's: ``last_code``, which every plan
    writes beside its grids, remembers how far the community had counted.
    """
    if today is None:
        return []
    used = (today["home"] == community) | today["grid_code"].str.contains(community, regex=False)
    return [str(code) for name in ("grid_code", "last_code") for code in today.loc[used, name].dropna()]


def ordinal_name(sequence: int) -> str:
    """
    Return the name of a grid by its number in the community.

    Parameters
    ----------
    sequence
        1..99,999,999.

    Examples
    --------
    >>> [ordinal_name(n) for n in (1, 10, 12, 20, 105, 110)]
    ['第一网格', '第十网格', '第十二网格', '第二十网格', '第一百零五网格', '第一百一十网格']
    """
    return f"第{_numeral(sequence)}网格"


def _numeral(number: int) -> str:
    """Return a number in Chinese numerals."""
    myriads, rest = divmod(number, MYRIAD)
    if not myriads:
        return _below_myriad(number)
    zero = DIGITS[0] if 0 < rest < MYRIAD // 10 else ""
    return f"{_numeral(myriads)}万{zero}{_below_myriad(rest)}"


def _below_myriad(number: int) -> str:
    text = ""
    for place, digit in enumerate(reversed(str(number))):
        if digit != "0":
            text = DIGITS[int(digit)] + PLACES[place] + text
        elif text and not text.startswith(DIGITS[0]):
            text = DIGITS[0] + text
    return text.removeprefix("一") if text.startswith("一十") else text


def sequence_of(code: str, community: str, template: str) -> int:
    """
    Return the number of a grid in its community as its code says, or 0 for a code of another make.

    Parameters
    ----------
    code, community, template
        As for `new_codes`.

    Examples
    --------
    >>> sequence_of("230718001001012", "230718001001", "{community}{sequence:03d}")
    12
    """
    found = _pattern(community, template).fullmatch(code)
    return int(found.group(1)) if found else 0


def community_of(code: str, communities: Iterable[str], template: str) -> str | None:
    """
    Return the community whose code is part of a grid's, or None for a code of another make.

    Parameters
    ----------
    code, template
        As for `sequence_of`.
    communities
        Codes of communities.

    Examples
    --------
    >>> community_of("230718001002007", ["230718001001", "230718001002"], "{community}{sequence:03d}")
    '230718001002'
    """
    found = [each for each in communities if each in code and sequence_of(code, each, template)]
    return max(found, key=len, default=None)


@cache
def _pattern(community: str, template: str) -> re.Pattern[str]:
    """Return the pattern of a community's codes, the sequence its first group."""
    parts, seen = [], False
    for literal, name, spec, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name == "community":
            parts.append(re.escape(format(community, spec or "")))
        elif name == "sequence":
            width = len(format(1, spec or ""))
            parts.append(r"\1" if seen else f"(\\d{{{width}}})" if _has_width(template) else r"(\d+)")
            seen = True
    return re.compile("".join(parts))


def _has_width(template: str) -> bool:
    """Tell whether the template pads its sequence, so that a longer one does not fit."""
    return bool(re.search(r"\{sequence:0?\d+", template))
