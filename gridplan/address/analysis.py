"""Find the words of the table in a query: exactly, or one slip away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from gridplan.address.findings import LEAD, TALK, Analysis, DoorHit, Mention, NameHit, Piece
from gridplan.address.fuzzy import best_piece
from gridplan.address.gazetteer import AREA, FULL, NAME, OLD, ROAD, SHORT, Gazetteer, Word
from gridplan.address.index import Index
from gridplan.address.sounds import alike
from gridplan.address.variants import PHASE, STEM, own_length

_DOOR = re.compile(
    r" ?(?P<door>[0-9]+(?:-[0-9]+)?[甲乙丙丁]?)(?P<kind>号|弄)?"
    r"(?P<yard> ?大?[院沅园员苑](?![0-9]*区|子里|长))?(?!楼|栋|座|#|[0-9]*期)"
)
_BEFORE_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{2,9}(?:[0-9]{1,2}组)?(?= ?[0-9]+(?:-[0-9]+)?[甲乙丙丁]?(?:号(?!楼)|弄|$|[^0-9楼栋座#门层室组期]))"
)
# Numbers of a text before which a misspelt road is looked for.
_MOST_ROADS = 5
# Areas from the province down to the district are no part of a name; streets and communities may begin one.
_BLANKED, _COMMUNITY = 2, 4


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    word: Word
    strong: bool


def analyse(text: str, gazetteer: Gazetteer, index: Index) -> Analysis:
    """
    Find the words of the table in a query.

    Parameters
    ----------
    text
        Normalised query.
    gazetteer, index
        The table.
    """
    found = Analysis(text)
    hits = _longest(_scan(text, gazetteer))
    for hit in hits:
        _take(found, hit, gazetteer, index)
    if not found.doors or any(found.before(door.start) for door in found.doors):
        _near_roads(found, gazetteer, index)
    return found


def _scan(text: str, gazetteer: Gazetteer) -> list[_Hit]:
    hits = []
    lengths, words = gazetteer.lengths, gazetteer.words
    for start in range(len(text) - 1):
        for length in lengths.get(text[start : start + 2], ()):
            end = start + length
            if end <= len(text):
                meant = words.get(text[start:end], ())
                hits += [_Hit(start, end, word, _strong(word, text, end)) for word in meant]
    return hits


def _strong(word: Word, text: str, end: int) -> bool:
    """Return whether a word hides the shorter ones inside it."""
    if word.kind == ROAD:
        return text[end : end + 1].isdigit()
    if word.kind == NAME:
        return word.how in range(PHASE + 1)
    return True


def _hides(big: _Hit, small: _Hit) -> bool:
    """A short form of an area (黑龙江) hides only short forms of names (龙江, not 龙江小区)."""
    return big.word.how != SHORT or small.word.kind != NAME or small.word.how == STEM


def _longest(hits: list[_Hit]) -> list[_Hit]:
    """Leave out words that lie inside a longer, strong one."""
    strong: dict[int, list[_Hit]] = {}
    for hit in hits:
        if hit.strong:
            strong.setdefault(hit.start, []).append(hit)
    longest = max((hit.end - hit.start for hit in hits), default=0)
    return [
        hit
        for hit in hits
        if not any(
            hit.end <= big.end and big.end - big.start > hit.end - hit.start and _hides(big, hit)
            for start in range(max(0, hit.end - longest), hit.start + 1)
            for big in strong.get(start, ())
        )
    ]


def _take(found: Analysis, hit: _Hit, gazetteer: Gazetteer, index: Index) -> None:
    word = hit.word
    if word.kind == AREA:
        level = min(gazetteer.nodes[node].level for node in word.meaning)
        found.areas.append(Mention(word.meaning, hit.start, hit.end, str(word.how), level))
    elif word.kind == NAME:
        form = found.text[hit.start : hit.end]
        found.names += [NameHit(name, int(word.how), 0.0, hit.start, hit.end, form) for name in word.meaning]
    elif word.kind == ROAD:
        (road,) = word.meaning
        if not _door(found, index, road, 0.0, hit.start, hit.end):
            found.roads.append(Mention(word.meaning, hit.start, hit.end, FULL))
    else:
        found.foreign.append((hit.start, hit.end))


def _door(found: Analysis, index: Index, road: int, cost: float, start: int, end: int) -> bool:
    """Look a road's door up as it is written: 12-1 before 12, a yard before a house."""
    hit = _DOOR.match(found.text, end)
    if hit is None:
        return False
    number, mark = hit["door"], "弄" if hit["kind"] == "弄" else ""
    whole = hit.end() if hit["yard"] else hit.end("kind") if hit["kind"] else hit.end("door")
    yard = [(number + "院", whole)] if hit["yard"] else []
    house = hit.end("kind") if hit["kind"] else hit.end("door")
    options = [*yard, (number + mark, house), (number + "院", house)]
    if "-" in number:
        first = number.partition("-")[0]
        options += [(first, hit.start("door") + len(first)), (first + "院", hit.start("door") + len(first))]
    for label, stop in options:
        if spots := index.spots_at(road, label):
            found.doors.append(
                DoorHit(tuple(spots), road, cost, start, stop, hit.start("door"), index.roads.texts[road])
            )
            return True
    return False


def _near_roads(found: Analysis, gazetteer: Gazetteer, index: Index) -> None:
    """Take the words before a number for a road one edit away, where the table has that door."""
    known: tuple[Piece, ...] = (*found.roads, *found.names)
    exact = {each.end for each in known}
    found.forget_roads()
    for hit in islice(_BEFORE_NUMBER.finditer(found.text), _MOST_ROADS):
        if hit.end() in exact:
            continue
        start = max(
            (
                each.end
                for each in found.areas
                if each.end <= hit.end() - 2 and each.how != SHORT and each.level < _COMMUNITY
            ),
            default=0,
        )
        start = max(start, hit.start())
        near = gazetteer.roads_near(found.text[start : hit.end()])
        for road, pieces in near.items():
            cost, left, _ = best_piece(index.roads.texts[road], found.text[start : hit.end()], pieces)
            name = index.roads.texts[road]
            if cost <= _limit(name) and (
                alike(name[-1], found.text[hit.end() - 1]) or found.text[hit.end() :].lstrip("0123456789- ")[:1] == "号"
            ):
                _door(found, index, road, cost, start + left, hit.end())


def _limit(name: str) -> float:
    """Return the dearest edit at which a name of this length is still itself."""
    return 1.35 if len(name) >= 4 else 1.05 if len(name) == 3 else 0.35


def add_near_names(found: Analysis, gazetteer: Gazetteer) -> None:
    """
    Look for names one edit away in what the query leaves unexplained.

    Parameters
    ----------
    found
        The analysis so far; names are added.
    gazetteer
        The table.
    """
    blanked: tuple[Piece, ...] = (*(area for area in found.areas if _no_part_of_a_name(area)), *found.doors)
    blank = list(found.text)
    for each in blanked:
        blank[each.start : each.end] = " " * (each.end - each.start)
    text = "".join(blank)
    budget = 36
    for run in re.finditer(r"[\u4e00-\u9fffA-Z]{2,}(?:[0-9]+期)?", text):
        if budget <= 0:
            break
        if run.start() and text[run.start() - 1].isdigit() and TALK.match(run.group()):
            continue
        lead = LEAD.match(run.group())
        skip = lead.end() if lead and lead.end() <= run.end() - run.start() - 2 else 0
        piece = run.group()[skip : skip + 24]
        budget -= len(piece)
        _near_in(found, gazetteer, piece, run.start() + skip)


def _no_part_of_a_name(area: Mention) -> bool:
    return area.level < _BLANKED or (area.level == _BLANKED and area.how != SHORT) or area.how == OLD


def _near_in(found: Analysis, gazetteer: Gazetteer, piece: str, offset: int) -> None:
    known: tuple[Piece, ...] = (*found.areas, *found.roads)
    for owner, pieces in gazetteer.names_near(piece).items():
        form = gazetteer.name_texts[owner]
        name, how = gazetteer.name_meanings[owner]
        cost, start, end = best_piece(form, piece, pieces)
        inside = any(each.start <= offset + start and offset + end <= each.end for each in known)
        if not inside and cost <= _limit(form) and (cost == 0 or own_length(form) >= 2):
            found.names.append(NameHit(name, how, cost, offset + start, offset + end, form))
