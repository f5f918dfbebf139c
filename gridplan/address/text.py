"""Text of addresses brought to one form, with a map back to what was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from gridplan.address import numerals

#: Characters read of one query; an address is never longer, and time is bounded by it.
LONGEST = 240
# Radicals that fonts show like the character; NFKC knows the Kangxi block but not the supplement.
_RADICALS = dict(
    zip(
        "⺁⺃⺄⺅⺇⺈⺊⺌⺗⺝⺟⺠⺦⺧⺩⺬⺭⺮⺲⺳⺶⺷⺹⺻⺽⺾⺿⻀⻁⻂⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂乙乙亻几刀卜小心月母民丬牛王示礻竹罒网羊羊老聿臼艹艹艹虎衤西见角讠贝足车辶辶辶阝钅长长长门雨青韦页风飞食饣马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_DASHES = "‐‑‒–—―−﹣－ー~～"
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}
# Marks that part an address; a full stop or a comma between numbers parts them like a dash (see ``_fold``).
_PARTED = set("，,。;；:：!！?？、()（）【】[]{}<>《》〈〉「」『』“”\"'‘’`|/\\·.…*&^%$@=+_")


@dataclass(frozen=True)
class Text:
    """
    A query in one form.

    Parameters
    ----------
    chars
        Simplified script, half width, capital letters, numbers in digits, other marks as spaces.
    origin
        For each character of ``chars`` its place in ``raw``, non-decreasing.
    raw
        What was written.
    """

    chars: str
    origin: tuple[int, ...]
    raw: str

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of ``raw`` behind a range of ``chars``."""
        if start >= end:
            return 0, 0
        return self.origin[start], self.origin[end - 1] + 1


@cache
def _simplified() -> dict[int, str]:
    """Return the characters whose simplified form differs; one to one, so that places are kept."""
    import opencc

    every = [chr(code) for code in range(0x3400, 0xA000)]
    plain = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    return {ord(old): new for old, new in zip(every, plain, strict=True) if old != new and len(new) == 1}


class _Table(dict[int, str]):
    """Characters met so far, and what each becomes; filled when a character is first met (Unicode is finite)."""

    def __missing__(self, code: int) -> str:
        value = self[code] = _fold(chr(code))
        return value


def _fold(char: str) -> str:
    if char in _DASHES:
        return "-"
    if char in _PARTED:
        return char if char in "./、" else " "
    out = []
    for each in unicodedata.normalize("NFKC", _RADICALS.get(char, char)):
        if each.isspace() or unicodedata.category(each) in {"Zs", "Zl", "Zp", "Cc"}:
            out.append(" ")
        elif unicodedata.category(each) in _DROPPED:
            continue
        elif each in _PARTED:
            out.append(each if each in "./、" else " ")
        elif each in _DASHES:
            out.append("-")
        elif each.isalnum() or each in "-#〇":
            out.append(_simplified().get(ord(each), each).upper())
        else:
            out.append(" ")
    return "".join(out)


_TABLE = _Table()
# Marks between numbers part the same things as a dash does: 4.3.2104, 4/702, 1、503.
_BETWEEN = re.compile(r"(?<=[0-9A-Z]) ?[./、] ?(?=[0-9])|(?<=[0-9]) ?- ?(?=[0-9A-Z])")
_MARK = re.compile(r"[./、]")


_PLACES = list(range(LONGEST))
Folded = tuple[str, list[int]]


def normalize(raw: str, *, strict: bool = False) -> Text:
    """
    Bring a query to one form; only its first 240 characters are read.

    Parameters
    ----------
    raw
        Any text.
    strict
        Whether it is the table's own: slips of speech recognition are then left alone, and so are times and phones.

    Examples
    --------
    >>> normalize("陽光小區Ａ座十三號樓").chars
    '阳光小区A座13号楼'
    """
    raw = raw[:LONGEST]
    text = raw.translate(_TABLE)
    origin = _PLACES[: len(raw)]
    if len(text) != len(raw):
        origin = [place for place, char in enumerate(raw) for _ in _TABLE[ord(char)]]
    for rule in _STRICT if strict else _RULES:
        text, origin = rule(text, origin)
    return Text(text, tuple(origin), raw)


def fold(raw: str) -> str:
    """Return :func:`normalize` of a name or an address of the table, without the map back."""
    return normalize(raw, strict=True).chars.replace(" ", "")


def substitute(
    pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None], text: str, origin: list[int]
) -> tuple[str, list[int]]:
    """
    Replace matches in a text and keep the map back.

    Parameters
    ----------
    pattern
        What is replaced.
    new
        From a match to its replacement, None to leave it.
    text, origin
        The text and the place of each of its characters.
    """
    parts: list[str] = []
    places: list[int] = []
    last = 0
    for hit in pattern.finditer(text):
        value = new(hit)
        if value is None:
            continue
        start, end = hit.span()
        parts += (text[last:start], value)
        places += origin[last:start]
        places += _spread(origin[start:end], len(value))
        last = end
    if not parts:
        return text, origin
    return "".join((*parts, text[last:])), places + origin[last:]


def _spread(places: list[int], length: int) -> list[int]:
    """Give ``length`` characters the places of those that they replace, the last one ending where these end."""
    if not length:
        return []
    return [places[min(k, len(places) - 1)] for k in range(length - 1)] + [places[-1]]


def _either(options: dict[str, str]) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    """Join patterns into one, and return with it what each becomes."""
    news = list(options.values())
    joined = re.compile("|".join(f"({pattern})" for pattern in options))
    return joined, lambda hit: news[(hit.lastindex or 1) - 1]


# What speech recognition and quick typing make of the words after a number.
_BROKEN_OFF = r"(?=[^\u4e00-\u9fff]|$|楼|单|[东西南北户的门附旁对])"
_AFTER_LABEL = "(?<=[0-9A-Z甲乙丙丁])"
_HEARD = _either(
    {
        rf"{_AFTER_LABEL}(?:[好浩豪] ?楼|[号好浩豪] ?[搂娄喽偻篓]{_BROKEN_OFF}|号 ?楼|号 ?[#栋幢])": "号楼",
        rf"{_AFTER_LABEL}(?:[懂冻撞憧]|洞{_BROKEN_OFF}|东(?=[0-9]))楼?": "栋",
        rf"{_AFTER_LABEL}(?:[单但丹旦][员园圆源缘]|[但丹旦]元)|(?<=[0-9])单(?!元|位|身|车|号)": "单元",
        r"(?<=[0-9A-Z])[坐作做](?![0-9])": "座",
        r"(?<=[\u4e00-\u9fff])[逸衣依伊壹]期": "1期",
        r"(?<=[\u4e00-\u9fff])[尔耳贰]期": "2期",
        r"(?<=[\u4e00-\u9fff])[伞散叁]期": "3期",
    }
)
# Ways to write the same thing that are nobody's mistake.
_SAME = _either(
    {
        rf"{_AFTER_LABEL}(?:[栋幢]楼?|#[栋幢楼]|#号楼)": "栋",
        r"(?<=[0-9])(?:号?附|号之|之)(?=[0-9])": "-",
        r"(?<=[村屯庄寨])第(?=[0-9]+[组社队村小])": "",
        r"(?:(?<=[村屯庄寨第][0-9])|(?<=[村屯庄寨第][0-9]{2}))(?:村民小组|村民组|小组|社(?!区)|队)": "组",
    }
)
_MASKED = re.compile(
    r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])1[3-9][0-9] +[0-9]{4}(?![0-9])"
    r"|(?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])"
    r"|(?<![0-9])(?:19|20)[0-9]{2}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}[日号])?|[0-9]{1,2}月[0-9]{1,2}[日号]"
    r"|(?:昨天?|今天?|明天?|前天|当)?(?:晚上?|早上?|上午|下午|中午|凌晨|夜里)[0-9]{1,2}[点时](?:[0-9]{1,2}分?|半)?|[0-9]{1,2}[点时](?:[0-9]{1,2}分|半|钟|多)"
    r"|[0-9]+ ?(?:天|个月|年|小时|分钟|元|块钱|块|次|人|遍|户人|多户|平米|平方|岁|米|公斤)(?!街|路)"
)


def _dashes(text: str, origin: list[int]) -> Folded:
    if _MARK.search(text) is None and "-" not in text:
        return text, origin
    text, origin = substitute(_BETWEEN, lambda _: "-", text, origin)
    return substitute(_MARK, lambda _: " ", text, origin)


def _bars(text: str, origin: list[int]) -> Folded:
    """Read the dash as it is spoken: 三杠二杠四零一."""
    if "杠" not in text:
        return text, origin
    return substitute(numerals.BARRED, numerals.barred, text, origin)


def _numbers(text: str, origin: list[int]) -> Folded:
    if numerals.ANY.search(text) is None:
        return text, origin
    return substitute(numerals.PATTERN, lambda hit: numerals.value(hit.group()), text, origin)


def _heard(text: str, origin: list[int]) -> Folded:
    return substitute(*_HEARD, text, origin)


# What any of the patterns of ``_SAME`` needs, so that most texts are looked at once.
_SAME_HINT = re.compile("[幢#附之]|栋楼|第[0-9]|[0-9](?:村民|小组|社|队)")


def _same(text: str, origin: list[int]) -> Folded:
    if _SAME_HINT.search(text) is None:
        return text, origin
    return substitute(*_SAME, text, origin)


def _masked(text: str, origin: list[int]) -> Folded:
    return substitute(_MASKED, lambda _: " ", text, origin)


_STRICT = (_dashes, _numbers, _same)
_RULES = (_dashes, _bars, _numbers, _masked, _heard, _same)
