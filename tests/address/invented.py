"""Invented cities: address tables of any size in several styles; of real places only the way of naming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_STEM = (
    "阳光锦绣幸福永安和平金龙华丽水岸天翠湖滨海江山河林景嘉瑞泰康盛宏远兴旺明珠玉兰春晓紫薇桃源凤凰银杏"
    "松竹梅荷香榭丹桂云溪雅颂德信文博翰学士御府观澜望月星辰朝晖东方晨曦枫叶橡树蓝湾碧波清风怡悦祥和顺达"
)
_BRAND = ("万科", "恒大", "保利", "绿地", "中海", "龙湖", "融创", "建业", "鑫源", "宏达", "金地", "华润")
_KIND = (
    "小区",
    "花园",
    "家园",
    "嘉园",
    "公寓",
    "新村",
    "苑",
    "华庭",
    "雅苑",
    "名邸",
    "府",
    "家属院",
    "宿舍",
    "大厦",
    "山庄",
    "新城",
    "国际",
    "豪庭",
)
_WORKS = (
    "纺织厂",
    "机床厂",
    "电业局",
    "粮食局",
    "第一中学",
    "人民医院",
    "铁路局",
    "供销社",
    "林业局",
    "水文站",
    "建筑公司",
    "农机站",
)
_ROAD = ("路", "街", "大道", "巷", "东路", "西路", "南街", "北街", "一路", "二路", "中路")
_PLACE = (
    "幼儿园",
    "卫生服务站",
    "派出所",
    "农贸市场",
    "老年食堂",
    "物业服务中心",
    "中心小学",
    "司法所",
    "文化站",
    "加油站",
)
_LABELS = "ABCDEFGH"


@dataclass(frozen=True)
class Style:
    """How a city writes: its areas, whether it has communities, entrances and rooms, and what it calls buildings."""

    province: str
    city: str
    districts: tuple[str, ...]
    street: tuple[str, ...] = ("街道", "镇")
    community: bool = True
    building: tuple[str, ...] = ("号楼", "栋", "幢")
    entrances: bool = False
    villages: bool = True


STYLES = {
    "north": Style("吉林省", "松河市", ("昌平区", "龙江区", "船山区", "丰山区", "永安县")),
    "south": Style(
        "江苏省", "临江市", ("鼓山区", "玄湖区", "秦河区", "建州区"), community=False, building=("幢", "栋")
    ),
    "rooms": Style("河南省", "洛川市", ("涧东区", "西江区"), building=("号楼",), entrances=True, villages=False),
}


@dataclass(frozen=True)
class Address:
    """One row of the table."""

    address_id: str
    address: str
    aliases: tuple[str, ...]
    grid_code: str


def table(rows: int, rng: np.random.Generator, style: str = "north") -> list[Address]:
    """Return about so many addresses of an invented city, as the register of such a city would hold them."""
    return _City(STYLES[style], rows, rng).made()


class _City:
    def __init__(self, style: Style, rows: int, rng: np.random.Generator) -> None:
        self.style, self.rows, self.rng = style, rows, rng
        self.out: list[Address] = []
        self.grid = 0
        scale = max(1.0, rows / 20_000)
        self.areas = [self._area(k) for k in range(int(120 * scale**0.7))]
        self.roads = sorted({self._two() + self._of(_ROAD) for _ in range(int(220 * scale**0.8))})
        self.taken: set[tuple[str, str]] = set()

    def _of(self, options: tuple[str, ...] | list[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def _two(self) -> str:
        return "".join(_STEM[int(k)] for k in self.rng.integers(len(_STEM), size=2))

    def _area(self, number: int) -> tuple[str, str]:
        district = self.style.districts[number % len(self.style.districts)]
        street = self._two() + self.style.street[number // 7 % len(self.style.street)]
        community = self._two() + "社区" if self.style.community else ""
        return f"{self.style.province}{self.style.city}{district}{street}", community

    def made(self) -> list[Address]:
        while len(self.out) < self.rows:
            draw = self.rng.random()
            if draw < 0.42:
                self._compound()
            elif draw < 0.8 or not self.style.villages:
                self._doors()
            elif draw < 0.92:
                self._village()
            else:
                self._places()
        return self.out[: self.rows]

    def _add(self, text: str, aliases: tuple[str, ...] = ()) -> None:
        if self.rng.random() < 0.05:
            self.grid += 1
        self.out.append(Address(f"A{len(self.out):07d}", text, aliases, f"G{self.grid:06d}"))

    def _where(self, area: tuple[str, str], road: str) -> str | None:
        door = str(int(self.rng.integers(1, 1000))) + ("-1" if self.rng.random() < 0.05 else "")
        if (road, door) in self.taken:
            return None
        self.taken.add((road, door))
        return f"{area[0]}{area[1]}{road}{door}号"

    def _compound_name(self) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return self._of(_WORKS) + self._of(("家属院", "宿舍", "小区", "家属楼"))
        stem = self._two() + ("" if draw < 0.7 else self._two())
        return (self._of(_BRAND) if self.rng.random() < 0.15 else "") + stem + self._of(_KIND)

    def _compound(self) -> None:
        name = self._compound_name()
        phases = [""] if self.rng.random() < 0.85 else ["一期", "二期"] if self.rng.random() < 0.5 else ["东区", "西区"]
        for phase in phases:
            area = self.areas[int(self.rng.integers(len(self.areas)))]
            where = self._where(area, self._of(self.roads))
            if where is None:
                continue
            yard = self.rng.random() < 0.06
            full = where + ("院" if yard else name + phase)
            alias = (self._two() + self._of(_KIND),) if self.rng.random() < 0.2 else ()
            if not self.style.entrances:
                self._add(full, alias)
            self._buildings(full, alias)

    def _buildings(self, full: str, alias: tuple[str, ...]) -> None:
        word = self._of(self.style.building)
        count = int(self.rng.integers(2, 30))
        lettered = self.rng.random() < 0.08
        for k in range(1, count + 1):
            label = f"{_LABELS[k % 8]}{k // 8 or ''}座" if lettered else f"{k}{word}"
            if not self.style.entrances:
                self._add(full + label, alias)
                continue
            for unit in range(1, 4):
                for room in (101, 102, 201, 202):
                    self._add(f"{full}{label}{unit}单元{room}室")

    def _doors(self) -> None:
        area = self.areas[int(self.rng.integers(len(self.areas)))]
        road = self._of(self.roads)
        for _ in range(int(self.rng.integers(5, 20))):
            where = self._where(area, road)
            if where is not None:
                self._add(where)

    def _village(self) -> None:
        area = self.areas[int(self.rng.integers(len(self.areas)))][0]
        village = self._two() + "村"
        if (area, village) in self.taken:
            return
        self.taken.add((area, village))
        for group in range(1, int(self.rng.integers(2, 6))):
            for door in range(1, int(self.rng.integers(5, 20))):
                self._add(f"{area}{village}{group}组{door}号")

    def _places(self) -> None:
        area = self.areas[int(self.rng.integers(len(self.areas)))]
        for _ in range(3):
            where = self._where(area, self._of(self.roads))
            if where is not None:
                self._add(where + self._two() + self._of(_PLACE))
