"""What is known of a query: areas, roads with doors, names, and what nothing explains beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gridplan.address.tail import Reading
from gridplan.address.variants import KIND_NEXT, PLACE_NEXT

#: What people say before an address.
LEAD = re.compile(
    r".*(?:(?:家住|住在|我住|住户|地址|住址|位于|坐落|反映|我是|我在|那个|这是|这里是|这边是|报修|诉求|来电|市民|中国|您好|你好|师傅|麻烦|请问|送到|送货|寄到|就是|关于|附近的|我们|咱们|我家|咱家|小区名叫|居民|业主|先生|女士|电话|对面的|旁边的?|隔壁的?|[后前]面的)"
    r"(?:在|是|于|为|的|到)?|[在是住到叫称])"
)
# A community that the table does not know says nothing against a name behind it: they are merged and renamed.
_COMMUNITY_ELSEWHERE = re.compile(r"^.*(?:社区|居委会)")
#: How talk goes on behind an address: where exactly, and what is the matter.
TALK = re.compile(
    r"[里内][面边有的]|[的有被没不很又还已晚早在那这是和与及请让说来去要从给太]|附近|旁|对面|门|楼[道下上梯顶栋前后]|单元门|暖气|下水|水[管表压]|电梯|路灯|路面|垃圾|物业|停[水电车]|漏|噪|扰民"
    r"|井盖|树|车|供[水电热暖]|卫生|污水|消防|充电|小孩|居民|业主|住户|家|院[内里]|大门|东|西|南|北|中间|外|前|后|左|右|下面|上面|电话|联系|收|师傅|谢谢|第二次|再次"
)
_HARMLESS = re.compile(r"(?:小区)?(?:的|里|内|院内|里面|这边|那边|附近)?第?$")


class Piece(Protocol):
    """A half-open range of the query."""

    @property
    def start(self) -> int:
        """First character."""

    @property
    def end(self) -> int:
        """Behind the last character."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An area that the query names: its nodes, where, and how it was named."""

    nodes: frozenset[int]
    start: int
    end: int
    how: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class NameHit:
    """A name of the index that the query says: how, at what cost of edits, where, and in which form."""

    name: int
    how: int
    cost: float
    start: int
    end: int
    form: str


@dataclass(frozen=True, slots=True)
class DoorHit:
    """Spots at a road and door that the query says; the road at some cost of edits."""

    spots: tuple[int, ...]
    road: int
    cost: float
    start: int
    end: int
    number: int
    road_text: str = ""


@dataclass
class Analysis:
    """
    A query and what is known of it.

    Parameters
    ----------
    text
        Normalised text.
    areas, names, doors, roads
        What was found; ``roads`` are those without a door of the table.
    foreign
        Ranges of names of places elsewhere.
    area_points, readings
        What was already weighed for an area, and read beside a place.
    """

    text: str
    areas: list[Mention] = field(default_factory=list)
    names: list[NameHit] = field(default_factory=list)
    doors: list[DoorHit] = field(default_factory=list)
    roads: list[Mention] = field(default_factory=list)
    foreign: list[tuple[int, int]] = field(default_factory=list)
    area_points: dict[int, tuple[float, float]] = field(default_factory=dict)
    readings: dict[tuple[tuple[int, int], ...], list[Reading]] = field(default_factory=dict)
    _beside: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)
    _roads: dict[int, int] = field(default_factory=dict)

    def left_over(self, start: int, end: int) -> tuple[int, int, int]:
        """
        Return what nothing explains beside a name.

        Parameters
        ----------
        start, end
            Range of the name.

        Returns
        -------
        before, between
            Characters before the name, and between it and a number.
        other_kind
            2 where a phase or a place of public life follows, 1 where a kind of estate does, else 0.
        """
        known = self._beside.get((start, end))
        if known is None:
            known = self._before(start, ()), self._between(end), self._other_kind(end)
            self._beside[start, end] = known
        return known

    def forget_roads(self) -> None:
        """Look anew at what stands before roads, since more may become known."""
        self._roads.clear()

    def before(self, start: int) -> int:
        """Return how many characters nothing explains right before a road: 梅 in 梅金金村, where 金金村 is known."""
        known = self._roads.get(start)
        if known is None:
            known = self._roads[start] = self._before(start, self.names)
        return known

    def _other_kind(self, end: int) -> int:
        return 2 if PLACE_NEXT.match(self.text, end) else int(KIND_NEXT.match(self.text, end) is not None)

    def after(self, end: int) -> int:
        """Return how many characters right behind a name are neither talk nor a number, 0 where a space follows."""
        run = re.match(r"[\u4e00-\u9fff]*", self.text[end:])
        if run is None or not run.group() or TALK.match(run.group()):
            return 0
        return run.end()

    def _before(self, start: int, names: Sequence[NameHit]) -> int:
        known: tuple[Piece, ...] = (*self.areas, *self.doors, *self.roads, *names)
        stop = max((each.end for each in known if each.end <= start), default=0)
        run = re.search(r"[\u4e00-\u9fffA-Z]*$", self.text[stop:start])
        words = _COMMUNITY_ELSEWHERE.sub("", run.group()) if run else ""
        lead = LEAD.match(words)
        return len(words) - (lead.end() if lead else 0)

    def _between(self, end: int) -> int:
        run = re.match(r"[\u4e00-\u9fff]{1,8}(?=[0-9A-Z])", self.text[end:])
        if run is None or _HARMLESS.match(run.group()):
            return 0
        return run.end()
