"""Numbers in Chinese numerals, read only where a number must stand, so that names keep theirs (八一路, 三里)."""

from __future__ import annotations

import re

_DIGITS = {char: k % 10 for k, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "幺": 1,
    "洞": 0,
    "拐": 7,
}
_DIGITS |= {char: k for k, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
_WHOLE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30}
_CHARS = "零〇一二三四五六七八九十百千两幺廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
# Words after which only a number can stand before: buildings, doors, entrances, floors, rooms, groups, phases.
_WORDS = (
    "[号好][楼搂娄院]|[号栋幢座懂冻洞撞憧#]|单[元员园圆]|但[元员园]|门(?![口前外面头诊市店路街])|楼(?![梯道上下房盘])|层|室|房(?!子|屋)|户(?!口|籍)"
    "|组(?!团)|村民小?组|社(?!区|会)|队|期|弄|排"
)
#: Any numeral at all.
ANY = re.compile(f"[{_CHARS}]")
#: A run of numerals before such a word, or three digits and more in a row (四零二).
PATTERN = re.compile(
    rf"[0-9]*[{_CHARS}]+[0-9]*(?=(?:{_WORDS}))|(?<![{_CHARS}十百])[零〇一二三四五六七八九两幺]{{3,4}}(?![{_CHARS}])|(?<=[号楼栋幢座元门])[{_CHARS}]{{2,4}}(?![路街里])"
    rf"|(?<=[A-Z])[一二三四五六七八九十]+(?=[号栋幢座#])"
)


#: Numbers with the spoken dash between them (三杠二杠四零一).
BARRED = re.compile(rf"[0-9{_CHARS}洞拐]+(?:杠[0-9{_CHARS}洞拐]+)+")


def barred(hit: re.Match[str]) -> str | None:
    """
    Return numbers parted by spoken dashes as digits and dashes, or None where one of them is no number.

    Parameters
    ----------
    hit
        Match of ``BARRED``.

    Examples
    --------
    >>> barred(BARRED.match("三杠二杠四零一"))
    '3-2-401'
    """
    numbers = [part if part.isascii() else value(part) for part in hit.group().split("杠")]
    return None if None in numbers else "-".join(map(str, numbers))


def value(text: str) -> str | None:
    """
    Return the number that a run of numerals means, in digits, or None where it means none.

    Parameters
    ----------
    text
        Chinese numerals, possibly with digits among them.

    Examples
    --------
    >>> value("四十五"), value("五零四"), value("一百零二"), value("2〇1")
    ('45', '504', '102', '201')
    """
    if not any(char in _WHOLE or char in _TENS for char in text):
        return "".join(char if char.isdigit() and char.isascii() else str(_DIGITS[char]) for char in text)
    return _counted(text)


def _counted(text: str) -> str | None:
    total, last = 0, 0
    for char in text:
        if char in _WHOLE:
            total += (last or 1) * _WHOLE[char]
            last = 0
        elif char in _TENS:
            total += _TENS[char]
        elif char in _DIGITS:
            last = _DIGITS[char]
        else:
            return None
    return str(total + last)
