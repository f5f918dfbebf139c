"""The shorter names that people use for a place: without its kind of estate, without its phase."""

from __future__ import annotations

import re

from gridplan.address.sounds import alike

# Words for a kind of estate, which people leave out or mix up; the longer first.
_KINDS = (
    "家属小区|家属大院|住宅小区|家属院|家属楼|单位房|住宅楼|宿舍楼|小区|花园|家园|嘉园|佳园|公寓|新村|花苑|华庭|雅苑|名苑|名邸|豪庭|华府"
    "|宿舍|大院|住宅|大厦|广场|山庄|别墅|雅居|公馆|府邸|新城|新苑|小镇|国际|大楼|新居|名城|名都|豪园|豪苑|庭院|庄园|水岸|半岛|新天地|商城"
    "|社区|府|苑|园|庭|居|里|院|楼|城|坊|轩|阁|邸|湾|墅|馆|郡|庄|舍"
)
_SINGLE = frozenset("府苑园庭居里院楼城坊轩阁邸湾墅馆郡庄舍")
_KIND_SET = frozenset(_KINDS.split("|"))
_LONGEST_KIND = max(map(len, _KIND_SET))
# What places of public life are; a name's own part is before it (景祥 of 景祥农贸市场).
_PLACES = (
    "居家养老服务站|卫生服务[站中心]+|党群服务中心|物业服务中心|老年活动中心|养老服务中心|便民服务中心|政务服务中心|消防救援站|农贸市场|老年食堂|售楼处|幼儿园|派出所|司法所|供电所|文化站|汽车站|火车站"
    "|加油站|信用社|邮政支局|卫生院|中心小学|实验小学|第[0-9一二三四五六七八九十]+[小中]学|实验中学|小学|中学|医院|银行|超市|市场|公园|饭店|宾馆|酒店|药店|餐厅|食堂"
)
_PLACE = re.compile(rf"(?:社区)?(?:{_PLACES}|广场)$")
_LONG_KINDS = "|".join(kind for kind in _KINDS.split("|") if len(kind) > 1)
#: A kind of estate right behind a name: 方舟 before 花园 is another place than 方舟家园. One character alone says
#: so only where the words end with it (the 里 of 里面 and the 楼 of 楼下 do not).
KIND_NEXT = re.compile(
    rf" ?(?:{_LONG_KINDS}|村(?!口|里)|(?:路|街|大道|巷)(?=[0-9])"
    r"|[府苑园庭居里院城坊轩阁邸湾墅馆郡庄舍](?=[0-9A-Z ]|[东南西北中]区|$))"
)
#: A phase or a place of public life right behind a name: another place, however complete the name.
PLACE_NEXT = re.compile(rf" ?(?:(?:社区)?(?:{_PLACES})|[一二三四五六七八九十0-9A-Z]+期|[东南西北中A-Z]区)")
_PHASE = re.compile(r"(?:[0-9]+期|[A-Z]区|[东南西北中]区|[东南西北中][园苑院])$")

#: How a shorter name comes from the full one, best first.
HOWS = ("exact", "alias", "phase", "stem")
EXACT, ALIAS, PHASE, STEM = range(4)


def variants(name: str) -> tuple[tuple[str, int], ...]:
    """
    Return the names under which people know a place, the full one first, each with how it comes about.

    Parameters
    ----------
    name
        Normalised name.

    Examples
    --------
    >>> [text for text, _ in variants("隆祥花园北区")]
    ['隆祥花园北区', '隆祥花园', '隆祥北区', '隆祥']
    """
    found = {name: EXACT}
    phase = _PHASE.search(name)
    base = name[: phase.start()] if phase and phase.start() >= 2 else name
    found.setdefault(base, PHASE)
    for stem in _stems(base):
        found.setdefault(stem + name[len(base) :], STEM)
        found.setdefault(stem, STEM)
    return tuple(found.items())


def _stems(base: str) -> list[str]:
    """Return a name without its kind of estate, and without the last character of that alone (华兴商 for 华兴商城)."""
    length = next((k for k in range(_LONGEST_KIND, 0, -1) if base[-k:] in _KIND_SET), 0)
    if not length:
        return []
    whole = len(base) - length
    cuts = (whole, len(base) - 1) if length > 1 and base[-1] in _SINGLE else (whole,)
    return [base[:cut] for cut in cuts if cut >= 2]


def same_kind(said: str, form: str) -> bool:
    """
    Return whether a slip leaves the kind of estate, or the phase, as it is: 锦绣家园 is no misspelt 锦绣花园.

    Parameters
    ----------
    said
        Piece of a query, normalised.
    form
        Name that it is taken for.

    Examples
    --------
    >>> same_kind("锦绣家园", "锦绣花园"), same_kind("水文站小区", "水文站西区"), same_kind("锦秀花圆", "锦绣花园")
    (False, False, True)
    >>> same_kind("锦绣苑1期", "锦绣花园1期")
    False
    """
    one, two = _PHASE.search(said), _PHASE.search(form)
    if one and two and one.group() == two.group():
        said, form = said[: one.start()], form[: two.start()]
    return _same_word(_last_word(said), _last_word(form))


def _same_word(one: str, two: str) -> bool:
    if not one or not two or one.endswith(two) or two.endswith(one):
        return True
    return len(one) == len(two) and all(a == b or alike(a, b) for a, b in zip(one, two, strict=True))


def _last_word(name: str) -> str:
    """Return the phase or the kind of estate with which a name ends, or ""."""
    phase = _PHASE.search(name)
    length = next((k for k in range(min(_LONGEST_KIND, len(name) - 1), 0, -1) if name[-k:] in _KIND_SET), 0)
    return phase.group() if phase else name[len(name) - length :]


def is_place(name: str) -> bool:
    """
    Tell whether a name is a place of public life rather than an estate.

    Parameters
    ----------
    name
        Normalised name.

    Examples
    --------
    >>> is_place("红星社区卫生服务站"), is_place("锦绣花园"), is_place("人民广场")
    (True, False, False)
    """
    place = _PLACE.search(name)
    return place is not None and not name.endswith("广场")


def own_length(name: str) -> int:
    """
    Return how many characters of a name are its own, those of its kind and phase aside.

    Parameters
    ----------
    name
        Normalised name.
    """
    place = _PLACE.search(name)
    return min(len(text) for text, _ in variants(name[: place.start()] if place and place.start() else name))
