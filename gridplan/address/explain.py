"""What an answer says of itself: which pieces of the query were understood, and what a clerk should know."""

from __future__ import annotations

from gridplan.address.answer import Span
from gridplan.address.choice import Choice
from gridplan.address.findings import Analysis
from gridplan.address.gazetteer import OLD, Gazetteer
from gridplan.address.index import Index
from gridplan.address.standard import AREA_LEVELS
from gridplan.address.text import Text
from gridplan.address.variants import HOWS

_SLIP = 0.35


def evidence(read: Text, found: Analysis, best: Choice | None, index: Index, gazetteer: Gazetteer) -> tuple[Span, ...]:
    """
    Return the pieces of a query that were understood, in its order.

    Parameters
    ----------
    read, found
        The query.
    best
        The best choice, or None.
    index, gazetteer
        The table.
    """
    spans = []
    for area in found.areas:
        node = gazetteer.nodes[min(area.nodes)]
        spans.append(_span(read, AREA_LEVELS[node.level], area.start, area.end, node.name, area.how))
    for start, end in found.foreign:
        spans.append(_span(read, "elsewhere", start, end, found.text[start:end], "not in the table"))
    if best is not None:
        spans += _of_choice(read, best, index)
    return tuple(sorted(spans, key=lambda each: (each.start, each.end)))


def _of_choice(read: Text, best: Choice, index: Index) -> list[Span]:
    spans = []
    if best.name is not None:
        how = HOWS[best.name.how] if best.name.cost == 0 else "sound" if best.name.cost <= _SLIP else "typo"
        spans.append(_span(read, "compound", best.name.start, best.name.end, index.names.texts[best.name.name], how))
    if best.door is not None:
        road = index.roads.texts[best.door.road]
        how = "exact" if best.door.cost == 0 else "sound" if best.door.cost <= _SLIP else "typo"
        spans.append(_span(read, "road", best.door.start, best.door.number, road, how))
        label = index.labels.texts[index.spot_door[best.spot]]
        spans.append(_span(read, "door", best.door.number, best.door.end, label, "exact"))
    if best.reading is not None:
        how = "not in the table" if best.building == "missing" else "exact"
        spans.append(_span(read, "building", best.reading.start, best.reading.end, best.reading.building, how))
    return spans


def _span(read: Text, kind: str, start: int, end: int, meaning: str, how: str) -> Span:
    first, last = read.source(start, end)
    return Span(kind, read.raw[first:last], first, last, meaning, how)


def notes(
    read: Text, found: Analysis, tied: list[Choice], index: Index, *, cut: bool = False, one_grid: bool = False
) -> tuple[str, ...]:
    """
    Return what a clerk should know of an answer, in Chinese and English.

    Parameters
    ----------
    read, found
        The query.
    tied
        The choices between which it does not decide, the best first.
    index
        The table.
    cut
        Whether the query was longer than is read.
    one_grid
        Whether all candidates lie in one grid.
    """
    said = []
    if cut:
        said.append("只读取了前240个字 / only the first 240 characters were read")
    if found.foreign:
        name = found.text[slice(*found.foreign[0])]
        said.append(f"{name}不在本地址表范围内 / {name} is outside this table")
    for area in found.areas:
        if area.how == OLD:
            old = "".join(read.raw[slice(*read.source(area.start, area.end))])
            said.append(f"{old}是旧名或别称 / {old} is an old or other name")
    if len(tied) > 1:
        said.append("符合的地址不止一个 / several addresses fit")
    if one_grid:
        said.append("所有候选都在同一网格，网格可以确定 / all candidates lie in one grid: the grid is certain")
    if tied:
        said += _of_best(tied[0], index)
    return tuple(dict.fromkeys(said))


def _of_best(best: Choice, index: Index) -> list[str]:
    said = []
    if best.building == "missing" and best.reading is not None:
        label = best.reading.building
        said.append(
            f"地址表中没有{label}号楼，只答到小区 / building {label} is not in the table; answered by the compound"
        )
    if best.other_door:
        said.append("路名门牌与小区不符 / road and door contradict the name")
    if best.clash >= 1.0:
        said.append("区、街道与地址表不符 / district or street contradict the table")
    if best.name is not None and best.name.cost > 0:
        name = index.names.texts[best.name.name]
        said.append(f"名称按“{name}”理解 / the name was taken for {name}")
    return said
