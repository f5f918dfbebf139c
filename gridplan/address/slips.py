"""How people and speech recognition misspell a name, and say a number."""

from __future__ import annotations

import numpy as np

from gridplan.address.sounds import homophones

NUMERALS = "零一二三四五六七八九"
# Characters put in another's place: of no family, and some that names share.
_OTHERS = "汪拓每柏炎伸昱诗景"


def slip(text: str, rng: np.random.Generator) -> str:
    """
    Replace, leave out, double or swap one character of a name; numbers and short names stay.

    Parameters
    ----------
    text
        Normalised name.
    rng
        Source of chance.
    """
    places = [k for k, char in enumerate(text) if _may_change(text, k, char)]
    if len(places) < 3:
        return text
    k = places[int(rng.integers(len(places)))]
    draw = rng.random()
    alike = homophones(text[k])
    if draw < 0.5 and alike:
        return text[:k] + alike[int(rng.integers(len(alike)))] + text[k + 1 :]
    if draw < 0.65:
        return text[:k] + _OTHERS[int(rng.integers(len(_OTHERS)))] + text[k + 1 :]
    if draw < 0.8 and 3 < k + 1 < len(text):
        return text[:k] + text[k + 1 :]
    if draw < 0.9:
        return text[: k + 1] + text[k:]
    k = min(k, places[-2])
    return text[:k] + text[k + 1 : k + 2] + text[k] + text[k + 2 :] if k + 1 in places else text


def _may_change(text: str, k: int, char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" and char not in NUMERALS + "十" and not text[k - 1].isdigit()


def counted(number: int) -> str:
    """
    Return a number below 100 in Chinese numerals; larger ones digit by digit.

    Parameters
    ----------
    number
        Not negative.

    Examples
    --------
    >>> counted(12), counted(40), counted(104)
    ('十二', '四十', '一零四')
    """
    if number >= 100 or number == 0:
        return "".join(NUMERALS[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones else "")
