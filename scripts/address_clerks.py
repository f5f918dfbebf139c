"""
Queries as a hotline's clerks note them, for ``measure_address.py --clerks``: written apart from the matcher's own.

The confidence of a table is fitted to queries of ``gridplan.address.perturb``; these share no code with it, so that
they tell whether it holds out of sample: whole sentences with callers' names and phone numbers, numbers spelt as they
are heard (三杠二杠四零一), traditional script, two homophones at once, a street office that contradicts, two addresses
in one text, names of places that no row has. With ``GRIDPLAN_DATA`` areas and estates bear the names of real
communities of Jilin City.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pypinyin import lazy_pinyin

from gridplan.address.standard import Grammar, Parts
from gridplan.address.text import fold

_DIGITS = "零一二三四五六七八九"
_SPOKEN = "洞幺两三四五六拐八勾"
_CALLS = ("{a}，{w}，{p}", "我姓{s}，住{a}的，{w}", "{s}先生来电称{a}{w}，请尽快处理",
          "{w}了，地址{a}，{p}", "来电人{s}女士，{p}，{a}",
          "【{a}】{w}", "{a} {p} {s}女士 收", "我们家在{a}，{w}，都反映三次了", "{a}居民反映{w}")  # fmt: skip
_TROUBLES = (
    "楼道没有灯",
    "井盖丢失",
    "暖气只有16度",
    "物业不给开门",
    "楼上漏水",
    "垃圾堆了一周",
    "快递丢了",
    "老人摔倒了",
    "有人养鸡",
)
_STREET = re.compile(r"^(.*?(?:[县区]))(.*?(?:街道|镇))(.*?社区)?")


@dataclass(frozen=True)
class Note:
    """A clerk's note: the text, the rows that are right, what is expected, and what was done to it."""

    query: str
    gold: frozenset[str]
    expected: str
    kind: str


def with_real_names(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give an invented table the districts, streets, communities and stems of Jilin City, where they are at hand."""
    path = Path(os.environ.get("GRIDPLAN_DATA", "../shared/data")) / "china_codes" / "jilin_divisions.csv"
    if not path.exists():
        return frame
    real = pd.read_csv(path, dtype=str)
    rng = np.random.default_rng(seed)
    areas = ("吉林省吉林市" + real["area"] + real["street"] + real["name"])[real["kind"] == "community"].to_numpy()
    heads = frame["address"].str.extract(_STREET)[[0, 1, 2]].fillna("").agg("".join, axis=1)
    distinct = heads.unique()
    chosen = dict(zip(distinct, rng.choice(areas, len(distinct)), strict=True))
    rest = [text[len(head) :] for text, head in zip(frame["address"], heads, strict=True)]
    stems = sorted({re.sub(r"(?:社区|村)$", "", name) for name in real["name"]})
    stems = [stem for stem in stems if 2 <= len(stem) <= 4 and not re.search("[0-9一二三四五六七八九十]", stem)]
    known: dict[str, str] = {}
    pattern = re.compile(
        r"(?<=号)([\u4e00-\u9fff]{2,6}?)(?=小区|花园|家园|嘉园|公寓|新村|苑|华庭|雅苑|名邸|府|大厦|山庄|新城|国际|豪庭)"
    )
    named = [
        pattern.sub(lambda hit: known.setdefault(hit[1], stems[int(rng.integers(len(stems)))]), text) for text in rest
    ]
    return frame.assign(address=[chosen[head] + text for head, text in zip(heads, named, strict=True)])


class Clerks:
    """A source of notes over a table."""

    def __init__(self, frame: pd.DataFrame, rng: np.random.Generator) -> None:
        self.rng = rng
        grammar = Grammar.learned(map(fold, frame["address"]))
        self.parts = [grammar.parse(fold(text)) for text in frame["address"]]
        self.ids = frame["address_id"].tolist()
        self.by_name: dict[str, set[tuple[object, ...]]] = defaultdict(set)
        self.by_door: dict[tuple[str, str], set[tuple[object, ...]]] = defaultdict(set)
        self.rows: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
        aliases = (each for text in frame["aliases"] for each in text.split(";") if each)
        self.names = {name for name in (*(part.name for part in self.parts), *aliases) if name}
        for row, part in enumerate(self.parts):
            spot = (part.areas, part.road, part.door, part.name)
            self.by_name[part.name].add(spot)
            self.by_door[part.road, part.door].add(spot)
            self.rows[spot][part.building] = row
        self.named = [row for row, part in enumerate(self.parts) if part.name and part.building and not part.unit]
        self.doors = [row for row, part in enumerate(self.parts) if part.door and not part.name and not part.building]

    def notes(self, count: int) -> list[Note]:
        """Make notes: three in four of one place, the others of none, of two, or of a building that is not there."""
        makers = (self._spoken, self._dashed, self._sounds, self._contradiction, self._traditional, self._door,
                  self._spaced, self._no_such_building, self._two, self._unknown, self._elsewhere)  # fmt: skip
        shares = np.array([3, 3, 2, 2, 2, 3, 3, 1.5, 1, 3, 0.5])
        made: list[Note] = []
        while len(made) < count:
            made += makers[int(self.rng.choice(len(makers), p=shares / shares.sum()))]()
        return made[:count]

    def _of(self, options: str | tuple[str, ...] | list[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def _estate(self) -> tuple[Parts, int]:
        """Draw a building of an estate whose full name no other estate bears or begins with."""
        while True:
            row = self.named[int(self.rng.integers(len(self.named)))]
            part = self.parts[row]
            if len(self.by_name[part.name]) == 1 and not any(part.name + k in self.by_name for k in "一二东西"):
                return part, row

    def _call(self, address: str) -> str:
        phone = "1" + "".join(str(k) for k in [self.rng.integers(3, 10), *self.rng.integers(10, size=9)])
        return self._of(_CALLS).format(a=address, w=self._of(_TROUBLES), p=phone, s=self._of("王李张刘陈杨赵"))

    def _say(self, number: str) -> str:
        return "".join(_DIGITS[int(k)] if k.isdigit() else k for k in number)

    def _one(self, row: int, query: str, kind: str) -> Iterator[Note]:
        yield Note(query, frozenset({self.ids[row]}), "unique", kind)

    def _spoken(self) -> Iterator[Note]:
        part, row = self._estate()
        if not part.building.isdigit() or int(part.building) > 99:
            return
        tens, ones = divmod(int(part.building), 10)
        said = ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")
        room = "".join(_SPOKEN[int(k)] for k in f"{self.rng.integers(1, 9)}0{self.rng.integers(1, 5)}")
        tail = f"{said}{self._of(('号楼', '栋', '幢'))}{self._of('一二三四')}单元{self._of(('', room))}"
        yield from self._one(row, self._call(part.areas[2] + part.name + tail), "spoken numbers")

    def _dashed(self) -> Iterator[Note]:
        part, row = self._estate()
        if not part.building.isdigit():
            return
        numbers = [part.building, str(self.rng.integers(1, 5)), f"{self.rng.integers(1, 18)}0{self.rng.integers(1, 4)}"]
        mark = self._of(("-", "－", "—", "/", "杠", "."))
        said = mark.join(map(self._say, numbers)) if mark == "杠" else mark.join(numbers)
        yield from self._one(row, self._call(part.name + said), "dashes")

    def _sounds(self) -> Iterator[Note]:
        """Misspell two characters of a long name, each as a homophone that the table's names do not make a name of."""
        part, row = self._estate()
        chars = list(part.name)
        if len(chars) < 5:
            return
        for k in self.rng.choice(len(chars), 2, replace=False).tolist():
            alike = [each for each in _ALIKE.get(lazy_pinyin(chars[k])[0], "") if each != chars[k]]
            chars[k] = self._of(alike) if alike and chars[k] not in "东西一二" else chars[k]
        yield from self._one(row, self._call(f"{part.areas[2]}{''.join(chars)}{part.building}号楼"), "two homophones")

    def _contradiction(self) -> Iterator[Note]:
        """Name another street of the same district."""
        part, row = self._estate()
        other = self.parts[int(self.rng.integers(len(self.parts)))].areas
        if other[2] != part.areas[2] or other[3] == part.areas[3]:
            return
        yield from self._one(row, self._call(f"{part.areas[2]}{other[3]}{part.name}{part.building}栋"), "wrong street")

    def _traditional(self) -> Iterator[Note]:
        import opencc

        part, row = self._estate()
        text = self._call(f"{part.areas[2]}{part.areas[3]}{part.name}{part.building}号楼{self.rng.integers(1, 5)}单元")
        yield from self._one(row, opencc.OpenCC("s2t").convert(text), "traditional script")

    def _door(self) -> Iterator[Note]:
        row = self.doors[int(self.rng.integers(len(self.doors)))]
        part = self.parts[row]
        if len(self.by_door[part.road, part.door]) > 1 or part.road.endswith("组"):
            return
        yield from self._one(row, self._call(f"{part.road}{part.door}号"), "door")

    def _spaced(self) -> Iterator[Note]:
        part, row = self._estate()
        gap = self._of((" ", "，", "、", "  "))
        tail = f"{part.building}{self._of(('#', '#楼', ' 号楼'))}{gap}{self.rng.integers(1, 5)}单元{gap}"
        yield from self._one(
            row, f"{part.areas[2]}{gap}{part.road}{gap}{part.door}号{gap}{part.name}{gap}{tail}", "spaces"
        )

    def _no_such_building(self) -> Iterator[Note]:
        part, _ = self._estate()
        spot = (part.areas, part.road, part.door, part.name)
        number = str(self.rng.integers(40, 99))
        if number not in self.rows[spot] and "" in self.rows[spot]:
            gold = frozenset({self.ids[self.rows[spot][""]]})
            yield Note(self._call(f"{part.name}{number}号楼"), gold, "compound", "no such building")

    def _two(self) -> Iterator[Note]:
        (one, _), (two, _) = self._estate(), self._estate()
        if one.name != two.name:
            said = self._of(("从{}搬到{}", "{}和{}都停水", "{}与{}之间的路"))
            yield Note(said.format(f"{one.name}{one.building}号楼", f"{two.name}{two.building}号楼"), frozenset(),
                       "none", "two addresses")  # fmt: skip

    def _unknown(self) -> Iterator[Note]:
        """Ask for a name made of two halves of others, in a district of the table."""
        (one, _), (two, _) = self._estate(), self._estate()
        name = one.name[:2] + two.name[2:]
        if name not in self.names and len(name) >= 4:
            text = self._of(("", one.areas[2])) + name + f"{self.rng.integers(1, 15)}号楼"
            yield Note(self._call(text), frozenset(), "none", "unknown estate")

    def _elsewhere(self) -> Iterator[Note]:
        part, _ = self._estate()
        yield Note(
            f"{self._of(('杭州市', '合肥市', '大连市中山区'))}{part.name}{part.building}号楼",
            frozenset(),
            "none",
            "elsewhere",
        )


def _homophones() -> dict[str, str]:
    """Return everyday characters by their sound without tone."""
    everyday = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF)]
    groups: dict[str, str] = defaultdict(str)
    for char in filter(None, everyday):
        groups[lazy_pinyin(char)[0]] += char
    return groups


_ALIKE = _homophones()
