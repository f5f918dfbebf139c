"""
The grammar of Taiwanese addresses: 臺南市東區裕農里5鄰裕農路二段123巷4弄5號之2三樓.

Text is brought to simplified half-width characters with numerals as digits (``裕农路2段123巷4弄5号-2``), in the table
and in queries alike, so that 臺 and 台, 三段 and 3段, ５ and 5, 之 and - are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

from gridplan.address.numerals import value
from gridplan.address.street import LONGEST, MOST_READINGS, Number, Piece, Place, Roads, WayKey

_CHARS = "〇零一二三四五六七八九十百千廿卅"
_NUMERALS = re.compile(f"[{_CHARS}]+")
# 5號之2三樓: the numeral of the floor is no part of the number before it.
_FLOOR = re.compile(f"(?<=[0-9])(?=[{_CHARS}]+[楼层])")
_BRANCH = re.compile(r"(?<=[0-9号楼F])[之附](?=[0-9])|[‐‑‒–—―−﹣]")
_UNTIL = re.compile(r"(?<=[0-9号])[至到](?=[0-9])|[～〜]")
_LIST = re.compile(r"(?<=[0-9])[.、，,;；和及](?=[0-9])")
_BLANK = re.compile(r"[^\w~、\-]|_|(?<![0-9])[、]|(?<![0-9号])~|(?<![0-9号楼层F])-|[、~\-](?![0-9])")
_NEEDLESS = re.compile(r"(?<![0-9]) +| +(?![0-9])")

_MARKS = ((_BRANCH, "-"), (_UNTIL, "~"), (_LIST, "、"), (_BLANK, " "), (_NEEDLESS, ""))

# Names of areas may begin with a numeral (七股區, 二鎮里), which is a digit here.
_AREAS = re.compile(
    r"(?P<city>[^0-9]{2}[县市])?"
    r"(?P<district>[^段巷弄号]{1,3}?区(?!里)|[^段巷弄号]{1,3}?[乡镇](?![里村])|[^段巷弄号]{1,3}?市(?!里))?"
    r"(?P<village>[^段巷弄号]{1,5}?[里村](?=[0-9]+邻)|[^路街段巷弄号]{2,3}?[里村](?![路街巷]))?(?P<hood>[0-9]+邻)?"
)
_POSTCODE = re.compile(r"[0-9]{3}(?:[0-9]{2,3})?(?=[^0-9巷弄号段楼\-~])")
_KINDS = ("city", "district", "village", "hood")
# A number without 号 counts only where nothing follows that gives it another meaning.
_TAIL = re.compile(
    r"(?<![0-9\-])(?:(?P<section>[0-9]{1,2}|[东西南北中])段)?(?:(?P<lane>[东西南北中]?[0-9]+(?:-[0-9]+)?)巷)?"
    r"(?:(?P<alley>[东西南北中]?[0-9]+(?:-[0-9]+)?)弄)?(?:(?P<sub>[0-9]+(?:-[0-9]+)?)衖)?"
    r"(?:(?P<low>[0-9]{1,5})(?P<tail>(?:-[0-9]{1,4}){0,2})(?:号?~(?P<high>[0-9]{1,5}))?(?P<more>(?:、[0-9]{1,5})*)"
    r"(?:(?P<sign>号)(?:-(?P<after>[0-9]{1,4})(?![0-9]*[楼层F]))?|(?![0-9\-~、路街道段巷弄衖邻里村年月日时点楼层F室户人元])))?"
)
_UNIT = re.compile(
    r"[ \-]?(?P<floor>(?:地下|B)?[0-9]{1,2}(?:楼|F|层)|地下室|顶楼)?"
    r"(?:-(?P<flat>[0-9]{1,4}))?(?:(?P<room>[0-9A-Z]{1,5})[室房])?"
)
_LIKE_ROAD = re.compile(r".[路街]$|.大道$")
# 328-336 may be the houses from 328 to 336: on one side of the street, and not too many.
_LONGEST_RANGE = 200
_ANOTHER = re.compile(r"[0-9]+(?:巷|弄|号)|[0-9]+[路街]|[路街]")


@cache
def _simplified() -> dict[int, str]:
    import opencc

    every = [chr(code) for code in range(0x3400, 0xA000)]
    plain = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    # 衖 is smaller than 弄, and the two must stay apart.
    return {ord(old): new for old, new in zip(every, plain, strict=True) if len(new) == 1 and old != "衖"}


class _Folds(dict[int, str]):
    """Characters met so far, and what each becomes."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


_FOLDS = _Folds()


def _row_text(raw: str) -> str:
    """Return the characters of :class:`_Text` without their places: a table's rows are many."""
    chars = _FLOOR.sub(" ", raw[:LONGEST].translate(_FOLDS))
    chars = _NUMERALS.sub(lambda hit: value(hit.group()) or hit.group(), chars)
    for pattern, new in _MARKS:
        chars = pattern.sub(new, chars)
    return chars


@cache
def _folded(char: str) -> str:
    wide = unicodedata.normalize("NFKC", char).upper()
    return "".join(_simplified().get(ord(each), each) for each in wide)


class _Text:
    """A text in one form, and where each of its characters stood in the original."""

    def __init__(self, raw: str) -> None:
        raw = raw[:LONGEST]
        self.chars = "".join(map(_folded, raw))
        self.origin = list(range(len(raw)))
        if len(self.chars) != len(raw):
            self.origin = [place for place, char in enumerate(raw) for _ in _folded(char)]
        self._replace(_FLOOR, " ")
        self._replace(_NUMERALS, None)
        for pattern, new in _MARKS:
            self._replace(pattern, new)

    def _replace(self, pattern: re.Pattern[str], new: str | None) -> None:
        if not pattern.search(self.chars):
            return
        parts: list[str] = []
        places: list[int] = []
        last = 0
        for hit in pattern.finditer(self.chars):
            text = (value(hit.group()) or hit.group()) if new is None else new
            parts += (self.chars[last : hit.start()], text)
            places += self.origin[last : hit.start()]
            behind = self.origin[hit.start() : max(hit.end(), hit.start() + 1)]
            places += [behind[min(k, len(behind) - 1)] for k in range(len(text))]
            last = hit.end()
        self.chars = "".join((*parts, self.chars[last:]))
        self.origin = places + self.origin[last:]

    def piece(self, kind: str, start: int, end: int) -> Piece:
        return Piece(kind, self.origin[start], self.origin[end - 1] + 1, self.chars[start:end])


class Taiwan:
    """The grammar of Taiwanese addresses; see :class:`gridplan.address.street.Grammar`."""

    name = "taiwan"
    # 10之2 is a house of its own beside 10.
    tail_is_unit = False

    def row(self, address: str) -> Place | None:
        """
        Take a standard address of the table apart.

        Parameters
        ----------
        address
            E.g. ``臺南市東區裕農里5鄰裕農路123巷4弄5號之2三樓``.
        """
        chars = _row_text(address)
        areas, begin = _areas(chars)
        for hit in _tails(chars, begin):
            # 十份 is a settlement: in the table a number without 號 counts only at the end.
            whole = hit["sign"] or hit.end() == len(chars)
            if hit["low"] and whole and (hit.start() > begin or "village" in areas):
                name = chars[begin : hit.start()] or _village(areas)
                unit = _UNIT.match(chars, hit.end())
                return Place(_way(name, hit), _numbers(hit), _unit(unit), areas)
        return None

    def readings(self, text: str, roads: Roads) -> Iterator[Place]:
        """
        Yield the ways to read a query: one for each number that a name of a road stands before.

        Parameters
        ----------
        text
            What was typed.
        roads
            The table's roads.
        """
        read = _Text(text)
        seen = 0
        for hit in islice(_tails(read.chars, 0), MOST_READINGS):
            areas, begin = _road_before(read.chars, seen, hit.start(), roads)
            name = read.chars[begin : hit.start()] or _of_village(areas, roads)
            # What no table knows is a road where it looks like one, or where nothing before it did.
            if name in roads or _LIKE_ROAD.search(name) or (name and not seen):
                yield from _ranges(_place(read, areas, begin, hit, name))
                seen = hit.end()
        if not seen:
            yield from _road_alone(read, roads)

    def stem(self, road: str) -> str:
        """
        Return the name of a road without 路, 街 or 大道.

        Parameters
        ----------
        road
            E.g. ``裕农路``.
        """
        return re.sub(r"(?:路|街|大道)$", "", road)


def _ranges(place: Place) -> Iterator[Place]:
    """Yield a reading, and a second where its number may be the first and last of several."""
    yield place
    for number in place.numbers[:1]:
        if number.tail.isdigit() and 0 < int(number.tail) - number.low <= _LONGEST_RANGE:
            yield replace(place, numbers=(Number(number.low, int(number.tail)),))


def _tails(chars: str, begin: int) -> Iterator[re.Match[str]]:
    """Yield where section, lane, alley and number stand."""
    for hit in _TAIL.finditer(chars, begin):
        if hit.end() > hit.start():
            yield hit


def _areas(chars: str) -> tuple[dict[str, str], int]:
    """Return the areas at the beginning of a standard address, and where they end."""
    code = _POSTCODE.match(chars)
    hit = _AREAS.match(chars, code.end() if code else 0)
    if hit is None:
        return {}, 0
    return {kind: found for kind in _KINDS if (found := hit[kind])}, hit.end()


def _road_before(chars: str, begin: int, end: int, roads: Roads) -> tuple[dict[str, str], int]:
    """
    Return the areas before a road that ends at ``end``, and where the road begins.

    The longest name that the table knows is the road; what precedes it may be areas, or anything else. Where the
    table knows none, what follows the areas is taken for the road.
    """
    starts = [at for at in range(max(begin, end - 12), end) if chars[at:end] in roads]
    begin_road = starts[0] if starts else None
    areas, after = _known_areas(chars[begin : end if begin_road is None else begin_road], roads)
    if begin_road is not None:
        return areas, begin_road
    blank = chars.rfind(" ", begin + after, end)
    return areas, max(begin + after, blank + 1)


def _known_areas(chars: str, roads: Roads) -> tuple[dict[str, str], int]:
    """Return the areas that a query begins with: by the pattern, and where that fails by the table's names."""
    areas, end = _areas(chars)
    if {"city", "district"} & areas.keys() or end == 0:
        return areas, end
    return ({kind: name for kind, name in areas.items() if roads.knows_area(kind, name)}, end)


def _road_alone(read: _Text, roads: Roads) -> Iterator[Place]:
    """Yield a reading where a known road is named without a number."""
    for begin in range(len(read.chars)):
        for end in range(min(len(read.chars), begin + 12), begin + 1, -1):
            if read.chars[begin:end] in roads:
                areas, _ = _known_areas(read.chars[:begin], roads)
                way = (read.chars[begin:end], "", "", "", "")
                yield Place(way, areas=areas, pieces=(read.piece("road", begin, end),))
                return


def _village(areas: dict[str, str]) -> str:
    """Return what stands for the road where houses are numbered through a village: village and neighbourhood."""
    return areas["village"] + areas.get("hood", "") if "village" in areas else ""


def _of_village(areas: dict[str, str], roads: Roads) -> str:
    """Return the road where a query names none: the village's, or the settlement that it is named after."""
    name = _village(areas)
    stem = areas.get("village", "")[:-1]
    return stem if name not in roads and stem in roads else name


def _way(road: str, hit: re.Match[str]) -> WayKey:
    return (road, hit["section"] or "", hit["lane"] or "", hit["alley"] or "", hit["sub"] or "")


def _place(read: _Text, areas: dict[str, str], begin: int, hit: re.Match[str], road: str) -> Place:
    unit = _UNIT.match(read.chars, hit.end())
    end = unit.end() if unit else hit.end()
    found = tuple(_pieces(read, begin, hit, end))
    rest = len(_ANOTHER.findall(read.chars, end))
    return Place(_way(road, hit), _numbers(hit), _unit(unit), areas, rest, found)


def _pieces(read: _Text, begin: int, hit: re.Match[str], end: int) -> Iterator[Piece]:
    if begin < hit.start():
        yield read.piece("road", begin, hit.start())
    for group in ("section", "lane", "alley", "sub", "low"):
        if hit[group]:
            yield read.piece("door" if group == "low" else "road", *hit.span(group))
    if end > hit.end():
        yield read.piece("unit", hit.end(), end)


def _numbers(hit: re.Match[str]) -> tuple[Number, ...]:
    if not hit["low"]:
        return ()
    low = int(hit["low"])
    tail = "-".join(filter(None, [hit["tail"].lstrip("-"), hit["after"]]))
    if hit["high"]:
        return (Number(low, max(low, int(hit["high"]))),)
    singles = [Number(low, low, tail), *(Number(int(each), int(each)) for each in hit["more"].split("、") if each)]
    return tuple(dict.fromkeys(singles))


def _unit(hit: re.Match[str] | None) -> str:
    """Return floor, flat and room: ``3F-2``."""
    if hit is None:
        return ""
    floor = re.sub(r"(?:楼|层|F)$", "F", hit["floor"] or "").replace("地下室", "B1F").replace("地下", "B")
    flat, room = (f"-{hit['flat']}" if hit["flat"] else ""), (hit["room"] or "")
    return f"{floor}{flat}{room}"
