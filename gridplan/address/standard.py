"""A standard address taken apart: areas, road, door, name, building, entrance, room."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gridplan.address import divisions

#: Levels of administration, largest first; the places of ``Parts.areas``.
AREA_LEVELS = ("province", "city", "district", "street", "community")

_NO_NUMBER = "[^0-9A-Z ]"
_PROVINCE = re.compile(r"[^0-9A-Z ]{2,7}?(?:省|自治区|特别行政区)|(?:北京|天津|上海|重庆)市")
_CITY = re.compile(r"[^0-9A-Z ]{2,11}?(?:市|自治州|地区|盟)(?!场)")
_DISTRICT = re.compile(r"[^0-9A-Z ]{1,12}?(?:(?<![小社园校院厂库营片住])区|县|市(?!场)|旗)")
# What follows a name of an area never makes it a part of a road or of a compound.
_GOES_ON = "路|街|巷|大道|胡同|小区|花园|家园|公寓|新村|大厦|广场|苑|里|府|庭|中心校|小学|中学"
_STREET = re.compile(
    rf"{_NO_NUMBER}{{1,10}}?(?:街道办事处|街道(?:办)?|地区办事处|镇|乡|苏木|办事处|开发区|林业局)(?!{_GOES_ON})"
)
_COMMUNITY = re.compile(
    rf"{_NO_NUMBER}{{1,14}}?(?:社区居民委员会|社区居委会|社区|居民委员会|居委会|村民委员会|村委会|村(?!社区|居委|委|民)|嘎查)(?!{_GOES_ON})"
)
_GROUP = re.compile(r"第?([0-9]+)(?:村民小组|村民组|小组|组|社|队)")
_ROAD_END = "路|街|大道|大街|道|巷|胡同|公路|弄|里|条|线|段|坊|村|屯|组"
_DOOR = re.compile(
    rf"(?P<road>.{{1,18}}?(?:{_ROAD_END}))(?P<door>[0-9]+(?:-[0-9]+)?[甲乙丙丁]?)(?P<kind>号(?!楼)|弄)(?P<yard>大?院)?"
)
_HOUSE = re.compile(r"(?P<door>[0-9]+(?:-[0-9]+)?)号(?!楼)(?P<yard>大?院)?")
#: A building's label: 12, 9-1, 3甲, A6, G.
LABEL = r"[A-Z]?[0-9]+(?:-[0-9]+)?[甲乙丙丁]?|[A-Z](?![0-9])"
_TAIL = re.compile(
    rf"(?:第?(?P<building>{LABEL})(?P<style>号?楼|栋|座|号楼?|#楼?))?"
    r"(?:(?P<unit>[0-9A-Z甲乙丙丁]+)(?:单元|门|梯))?(?:[0-9]+[层楼])?(?:(?P<room>[0-9A-Z-]+)(?:室|号|户|房)?)?$"
)
_DASHED = re.compile(
    rf"(?P<building>{LABEL})(?:号楼|栋|座|号|#)?-(?P<unit>[0-9A-Z]+)(?:-(?P<room>[0-9A-Z]+))?(?:室|号)?$"
)
_SAMPLE = 20_000
_HEADS = 200_000
_DIGIT = re.compile("[0-9A-Z ]")


@dataclass(frozen=True, slots=True)
class Parts:
    """
    A standard address taken apart; "" for what it lacks.

    Parameters
    ----------
    areas
        Names of province, city, district, street (街道, 镇, 乡) and community.
    road
        Road, or village and group (青山村4组).
    door
        Number on the road, with ``院`` where it is a yard's.
    name
        Compound or named place.
    building, unit, room
        Labels without their unit words: "3", "A6", "9-1".
    """

    areas: tuple[str, ...] = ("",) * len(AREA_LEVELS)
    road: str = ""
    door: str = ""
    name: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""


@dataclass
class Grammar:
    """
    What the table's own addresses teach about its areas, so that a new district is known as one.

    Parameters
    ----------
    districts
        Names that stand as a district often enough; the divisions of China are known without.
    """

    districts: set[str] = field(default_factory=set)
    _heads: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict, repr=False)

    @classmethod
    def learned(cls, texts: Iterable[str]) -> Grammar:
        """
        Learn from normalised addresses.

        Parameters
        ----------
        texts
            Addresses of the table; the first 20,000 are looked at.
        """
        counts: Counter[str] = Counter()
        total = 0
        for total, text in enumerate(texts, 1):
            if total > _SAMPLE:
                break
            start = _end(_CITY, text, _end(_PROVINCE, text, 0))
            if hit := _DISTRICT.match(text, start):
                counts[hit.group()] += 1
        least = max(3, total // 300)
        return cls({name for name, count in counts.items() if count >= least})

    def parse(self, text: str) -> Parts:
        """
        Take a normalised address apart.

        Parameters
        ----------
        text
            From :func:`gridplan.address.text.fold`.
        """
        digit = _DIGIT.search(text)
        head = text[: digit.start()] if digit else text
        known = self._heads.get(head)
        if known is None:
            # No area has a digit, so the head alone decides; heads repeat, and the memory for them is bounded.
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            known = self._heads[head] = self._areas(head)
        areas, start = known
        return _place(text[start:], areas)

    def _areas(self, text: str) -> tuple[tuple[str, ...], int]:
        """Return the names of the areas at the start, and where they end."""
        found: list[str] = []
        start = 0
        for pattern, accepted in _AREAS:
            hit = pattern.match(text, start)
            if hit and (accepted is None or accepted(self, hit.group(), text, hit.end())):
                found.append(hit.group())
                start = hit.end()
            else:
                found.append("")
        return tuple(found), start

    def _is_city(self, name: str, text: str, end: int) -> bool:
        return name in divisions.places() or bool(_DISTRICT.match(text, end))

    def _is_district(self, name: str, text: str, end: int) -> bool:
        return name in self.districts or name in divisions.places() or bool(_STREET.match(text, end))


# The areas from the largest, and what a match must be beside its form.
_AREAS: tuple[tuple[re.Pattern[str], Callable[[Grammar, str, str, int], bool] | None], ...] = (
    (_PROVINCE, None),
    (_CITY, Grammar._is_city),
    (_DISTRICT, Grammar._is_district),
    (_STREET, None),
    (_COMMUNITY, None),
)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    hit = pattern.match(text, start)
    return hit.end() if hit else start


def _place(rest: str, areas: tuple[str, ...]) -> Parts:
    road, door, rest = _road(rest, areas[-1])
    building, unit, room, name = _tail(rest)
    return Parts(areas, road, door, name, building, unit, room)


def _road(rest: str, community: str) -> tuple[str, str, str]:
    """Return road, door and what follows; a village's group stands for a road."""
    village = community if community.endswith(("村", "嘎查")) else ""
    if village:
        group = _GROUP.match(rest)
        start = group.end() if group else 0
        road = village + (f"{group[1]}组" if group else "")
        if hit := _HOUSE.match(rest, start):
            return road, hit["door"] + ("院" if hit["yard"] else ""), rest[hit.end() :]
        if group:
            return road, "", rest[start:]
    if hit := _DOOR.match(rest):
        mark = "弄" if hit["kind"] == "弄" else "院" if hit["yard"] else ""
        return hit["road"], hit["door"] + mark, rest[hit.end() :]
    return "", "", rest


def _tail(rest: str) -> tuple[str, str, str, str]:
    """Return building, entrance, room and the name before them."""
    if hit := _DASHED.search(rest):
        return hit["building"], hit["unit"], hit["room"] or "", rest[: hit.start()]
    hit = _TAIL.search(rest)
    if hit is None:
        return "", "", "", rest
    building, unit, room = hit["building"] or "", hit["unit"] or "", hit["room"] or ""
    if room and not building and not unit and not rest[: hit.start()].endswith(("室", "号")):
        # A number alone behind a name is part of the name (万达广场1期 keeps its phase, 兴华2000 its year).
        return "", "", "", rest
    return building, unit, room, rest[: hit.start()]
