"""What a query says below the compound: building, entrance, room, in every order of belief that its digits allow."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABEL = r"[A-Z]?[0-9]+[甲乙丙丁]?|[A-Z](?![A-Z])"
# A number with what makes it a building, in falling certainty; the label may go on behind a dash (9-1号楼).
_SAID = re.compile(
    rf"(?<![0-9A-Z])第?(?P<label>{_LABEL})(?:-(?P<sub>[0-9]+[甲乙丙丁]?))?(?:(?P<style>号楼|栋|座|#楼?|号(?=[0-9]{{1,2}}(?:单元|门(?!口|前)))"
    r"|楼(?=[0-9]{1,2}(?:单元|门(?!口|前))))|(?<=[A-Z])(?P<letter>楼))"
)
_DASHED = re.compile(
    rf"(?<![0-9A-Z])(?P<label>{_LABEL})(?:号|#)?-(?P<second>[0-9A-Z]+[甲乙丙丁]?)(?:-(?P<third>[0-9A-Z]+))?(?:-(?P<fourth>[0-9A-Z]+))?"
)
_BARE = re.compile(
    rf"(?<![0-9A-Z-])第?(?P<label>{_LABEL})(?![0-9A-Z-])(?P<after>号(?!院|门|线)|楼|)(?!单元|门|层|室|房|户|组|期|区|路|街|[年月日天点个]|[0-9]*[万元])"
)
_REST = re.compile(
    r"[ -]*(?:(?P<unit>[0-9A-Z]{1,2}|[甲乙丙丁])(?:单元|门(?!口|前)|-))?[ -]*(?:[0-9]{1,2}[层楼])?"
    r"[ -]*(?P<room>[0-9]{3,4}[A-Z]?)?"
)
_UNIT = re.compile(r"(?<![0-9])(?P<unit>[0-9]{1,2}|[A-Z甲乙丙丁])(?:单元|门(?!口|前|牌))")
_CORRECTED = re.compile(r"不对 ?(?:应该)?(?:是)?|(?<=[楼栋座]) ?不是|哦不|说错了|错了 ?是|更正为?|应该是")
#: How sure the words are that a number is a building.
SAID, DASHED, NUMBER, WEAK = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One way to read the digits behind a place.

    Parameters
    ----------
    building, unit, room
        Labels, "" where not said.
    start, end
        Range of the building's label in the query.
    belief
        ``SAID`` (3号楼), ``DASHED`` (3-2-401), ``NUMBER`` (3号 right behind the name), ``WEAK`` (any number).
    """

    building: str
    unit: str
    room: str
    start: int
    end: int
    belief: int


def readings(text: str, after: int) -> list[Reading]:
    """
    Return the ways to read what a query leaves beside its place, best first.

    Parameters
    ----------
    text
        The query with everything understood blanked out.
    after
        Where the place ends: numbers behind it come first.
    """
    corrected = max((hit.end() for hit in _CORRECTED.finditer(text)), default=0)
    found = [*_said(text), *_dashed(text), *_bare(text, after)]
    found = [each for each in found if each.start >= corrected]
    found.sort(key=lambda each: (each.start < after, -each.belief, each.start))
    return found


def unit_alone(text: str) -> str:
    """Return the entrance that a query names without a building, or ""."""
    hit = _UNIT.search(text)
    return hit["unit"] if hit else ""


def _said(text: str) -> list[Reading]:
    found = []
    for hit in _SAID.finditer(text):
        label = hit["label"]
        if hit["sub"]:
            joined = (f"{label}-{hit['sub']}", label + hit["sub"]) if label.isalpha() else (f"{label}-{hit['sub']}",)
            found += [_reading(each, text, hit.start(), hit.end(), SAID) for each in joined]
        else:
            found.append(_reading(label, text, hit.start(), hit.end(), SAID))
    return found


def _reading(label: str, text: str, start: int, end: int, belief: int) -> Reading:
    rest = _REST.match(text, end)
    unit, room = (rest["unit"] or "", rest["room"] or "") if rest else ("", "")
    return Reading(label, unit, room, start, end, belief)


def _dashed(text: str) -> list[Reading]:
    """Read 9-1-2-301, 3-2-401, 3-401 and A-401; which number is the building, the table decides."""
    found = []
    for hit in _DASHED.finditer(text):
        first, second, third, fourth = hit["label"], hit["second"], hit["third"] or "", hit["fourth"] or ""
        joined = Reading(f"{first}-{second}", third if fourth else "", fourth or third, hit.start(), hit.end(), DASHED)
        plain = Reading(first, second if third else "", third or second, hit.start(), hit.end(), DASHED)
        found += [plain, joined] if third and not fourth else [joined, plain]
        if first.isalpha():
            found.append(Reading(first + second, *(joined.unit, joined.room, hit.start(), hit.end(), DASHED)))
    return found


def _bare(text: str, after: int) -> list[Reading]:
    found = []
    for hit in _BARE.finditer(text):
        close = after <= hit.start() <= after + 2
        floor = hit["after"] == "楼" or len(hit["label"]) > 2
        belief = NUMBER if close and not floor else WEAK
        found.append(_reading(hit["label"], text, hit.start(), hit.end(), belief))
    return found
