"""Invented place names and the words that Chinese addresses are built of; no name here is meant to be a real place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PROVINCE, CITY = "黑龙江省", "伊春市"
DISTRICT = "乌玛区（合成示例）"
DISTRICT_PLAIN = "乌玛区"
RIVER, RAILWAY = "乌玛河", "乌玛铁路"

_FIRST = "松柏青锦翠兴永春红新东向育丰团和安泰林云"
_SECOND = "苑岭泉阳盛宁华光明园溪和安兴"
_ROAD_FIRST = "迎兴松柏云育青锦翠永向丰团泰桦枫椴楸鹿雪"
_ROAD_SECOND = "林岭春泉阳和安宁华光明溪谷云"
_COMPOUND_FIRST = (
    "锦绣",
    "翠湖",
    "松苑",
    "云杉",
    "桦林",
    "春晖",
    "金溪",
    "雅居",
    "和谐",
    "福源",
    "泰和",
    "康宁",
    "枫林",
    "雪岭",
    "鹿鸣",
)
_COMPOUND_LAST = ("小区", "花园", "家园", "新村", "名苑", "华庭", "新城")
_YARD_FIRST = (
    "林机厂",
    "贮木场",
    "机修厂",
    "纤维板厂",
    "筑路处",
    "林科所",
    "木器厂",
    "酿酒厂",
    "车站",
    "粮库",
    "水文站",
    "制材厂",
)
_DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """
    Return a number in Chinese numerals, as in 第十二网格.

    Parameters
    ----------
    number
        1 to 999.

    Examples
    --------
    >>> [chinese_number(n) for n in (1, 10, 12, 20, 35, 105, 110)]
    ['一', '十', '十二', '二十', '三十五', '一百零五', '一百一十']
    """
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    head = _DIGITS[hundreds] + "百" if hundreds else ""
    if not tens:
        return head + ("零" if head and ones else "") + (_DIGITS[ones] if ones else "")
    ten = "十" if tens == 1 and not head else _DIGITS[tens] + "十"
    return head + ten + (_DIGITS[ones] if ones else "")


def _pairs(first: str, second: str, count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct two-character names in a random order; further characters where they run out."""
    words = [a + b for a in first for b in second if a != b]
    order = [words[i] for i in rng.permutation(len(words))]
    rounds = -(-count // len(order))
    return [word + _suffix(k, first) for k in range(rounds) for word in order][:count]


def _suffix(number: int, letters: str) -> str:
    """Return the empty word for 0, else the number written with the letters as digits; no two are the same."""
    text = ""
    while number:
        number, digit = divmod(number - 1, len(letters))
        text += letters[digit]
    return text


def community_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of urban communities (社区)."""
    return [f"{name}社区" for name in _pairs(_FIRST, _SECOND, count, rng)]


def village_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of villages (村)."""
    return [f"{name}村" for name in _pairs("柳榆杨椴桦", "树屯沟甸岗", count, rng)]


def road_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct stems of road names, to which 大街, 街 or 路 is added."""
    return _pairs(_ROAD_FIRST, _ROAD_SECOND, count, rng)


def compound_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of compounds (小区), later rounds as phases (二期)."""
    words = [a + b for a in _COMPOUND_FIRST for b in _COMPOUND_LAST]
    order = [words[i] for i in rng.permutation(len(words))]
    rounds = -(-count // len(order))
    phase = ["", *(f"{chinese_number(k)}期" for k in range(2, rounds + 1))]
    return [word + phase[k] for k in range(rounds) for word in order][:count]


def yard_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names of old work-unit yards (家属院)."""
    order = [_YARD_FIRST[i] for i in rng.permutation(len(_YARD_FIRST))]
    turns = ["" if k < len(order) else f"第{chinese_number(k // len(order) + 1)}" for k in range(count)]
    return [f"{order[k % len(order)]}{turn}家属院" for k, turn in enumerate(turns)]


def group_names(count: int) -> NDArray[np.object_]:
    """Return the names of village groups: 第一村民小组, 第二村民小组, ..."""
    return np.array([f"第{chinese_number(k + 1)}村民小组" for k in range(count)], dtype=object)
