"""The question that decides between candidates: what a clerk asks the caller, with the answers to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gridplan.address.standard import Grammar, Parts
from gridplan.address.text import fold

if TYPE_CHECKING:
    from gridplan.address.answer import Candidate, Field

#: Answers that are named; a caller remembers no more.
MOST = 6
_ASKED: Mapping[str, tuple[str, str]] = {
    "district": ("请问在哪个区", "the district"),
    "street": ("请问在哪个街道或乡镇", "the street office or town"),
    "community": ("请问在哪个社区或村", "the community or village"),
    "road": ("请问在哪条路上", "the road"),
    "door": ("请问门牌是多少号", "the number on the road"),
    "compound": ("请问是哪个小区", "the compound"),
    "phase": ("请问是第几期", "the phase of the compound"),
    "building": ("请问是几号楼", "the building"),
    "unit": ("请问是几单元", "the entrance"),
}
_AREAS = {"district": 2, "street": 3, "community": 4}
_WORDS = {"door": "号", "building": "号楼", "unit": "单元"}


def question_of(split_by: Field, candidates: Iterable[Candidate], lang: str = "zh") -> str:
    """
    Return the question that decides between candidates.

    Parameters
    ----------
    split_by
        The part of the address that would decide; "" where none would.
    candidates
        Rows that fit, the likeliest first. Their standard addresses give the answers to choose from; those of other
        grammars than the Chinese give none.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    question
        One sentence, "" where no part would decide. Areas are named with their road and number, since callers often
        do not know the name of their community.

    Examples
    --------
    >>> from gridplan.address.answer import Candidate
    >>> rows = [Candidate(str(n), f"林海市东山区河畔街道{name}社区{road}锦绣花园3号楼", None, "building")
    ...         for n, (name, road) in enumerate([("红星", "光明路12号"), ("新民", "河畔路3号")])]
    >>> question_of("community", rows)
    '请问在哪个社区或村：红星社区（光明路12号），还是新民社区（河畔路3号）？'
    """
    if not split_by:
        return ""
    read = [Grammar().parse(fold(each.address)) for each in candidates]
    known = list(dict.fromkeys(filter(None, _answers(split_by, read))))
    return _zh(_ASKED[split_by][0], known) if lang == "zh" else _en(_ASKED[split_by][1], known)


def _zh(asked: str, known: list[str]) -> str:
    if len(known) < 2:
        return f"{asked}？"
    if len(known) > MOST:
        return f"{asked}：{'、'.join(known[:MOST])}，还是别的？"
    return f"{asked}：{'、'.join(known[:-1])}，还是{known[-1]}？"


def _en(asked: str, known: list[str]) -> str:
    if len(known) < 2:
        return f"Please ask for {asked}"
    last = "another" if len(known) > MOST else known[-1]
    named = known[:MOST] if len(known) > MOST else known[:-1]
    return f"Please ask for {asked}: {', '.join(named)} or {last}"


def _answers(split_by: Field, read: list[Parts]) -> list[str]:
    """Return what a caller would answer if each candidate is meant, "" where its address does not say."""
    if split_by in _AREAS:
        areas = [parts.areas[_AREAS[split_by]] for parts in read]
        places = [parts.road + _labelled("door", parts) for parts in read]
        apart = len(set(places)) > 1
        return [
            f"{area}（{place}）" if area and place and apart else area
            for area, place in zip(areas, places, strict=True)
        ]
    if split_by == "road":
        return [parts.road + _labelled("door", parts) for parts in read]
    return [parts.name if split_by in ("compound", "phase") else _labelled(split_by, parts) for parts in read]


def _labelled(name: str, parts: Parts) -> str:
    """Return a part with its word where it is a bare number."""
    text = str(getattr(parts, name))
    return text + _WORDS.get(name, "") if text.isdigit() else text
