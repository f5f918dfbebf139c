"""One record: where its point, its address and its text place it, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gridplan.address.answer import Match
from gridplan.incidents.ground import Ground
from gridplan.incidents.moot import Clash

#: Why a record has no grid yet, in Chinese and English; the order is that in which they are looked for.
REASONS: Mapping[str, tuple[str, str]] = {
    "no_coordinates": ("没有坐标，地址也无法定位", "no coordinates, and no address that could be placed"),
    "swapped_coordinates": ("经纬度可能填反", "longitude and latitude seem to be in each other's place"),
    "stacked_default_point": ("坐标是登记系统的默认点", "the point is a default of the register"),
    "outside_every_grid": ("不在任何网格内", "outside every grid"),
    "ambiguous_address": ("地址有多种可能", "the address may mean several places"),
    "point_and_address_disagree": ("坐标与地址不一致", "point and address disagree"),
    "point_and_text_disagree": ("坐标与文字所写社区不一致", "the point lies in another community than the text names"),
    "address_and_text_disagree": (
        "地址与文字所写社区不一致",
        "the address lies in another community than the text names",
    ),
    "several_communities": ("文字写了多个社区", "the text names several communities"),
    "unknown_community": ("文字所写社区不存在", "the text names a community that there is none of"),
    "address_at_several_places": ("同一地址出现在相距很远的坐标", "one address stands at places far apart"),
    "imprecise_point": ("坐标精度不足以确定网格", "the coordinates are too rounded to tell the grid"),
    "withdrawn": ("人工退回", "a person took the grid away"),
}
# Up to this rounding a point is as good as any receiver's; a coarser one must lie in its grid for the most part.
FINE_M = 30.0
SURE_SHARE = 0.9

# Of a grid that a rounded point and the text give together.
_TOGETHER = 0.95
Decision = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """
    What is known of where a record belongs.

    Parameters
    ----------
    lon, lat
        WGS 84, None where the point says nothing.
    step_m
        Metres to which the point is rounded.
    grid
        Grid in which the point lies, or None.
    shares
        Grids in which it may lie, with the share of the square of its rounding.
    fault
        What is wrong with the point: one of `REASONS`, or "".
    match
        What the address means, None where there is no table.
    named
        Communities that the text names.
    strange
        Names of communities that there are none of.
    clash
        Where the same address stands elsewhere.
    """

    lon: float | None
    lat: float | None
    step_m: float | None
    grid: str | None
    shares: Mapping[str, float]
    fault: str
    match: Match | None
    named: tuple[str, ...]
    strange: tuple[str, ...]
    clash: Clash | None

    @property
    def addressed(self) -> str | None:
        """The grid of the address, where it is certain."""
        match = self.match
        return match.grid_code if match is not None and (match.accepted or match.grid_certain) else None


def decide(known: Evidence, ground: Ground) -> Decision:
    """
    Return the grid of a record, or the reason why a person has to look.

    Parameters
    ----------
    known
        What is known.
    ground
        The grids.

    Returns
    -------
    decision
        Columns of the record that are other than its point alone would make them.
    """
    contradiction = _contradiction(known, ground)
    if contradiction is not None:
        return contradiction
    if known.fault:
        return _by_address(known, ground)
    return _by_point(known, ground)


def _contradiction(known: Evidence, ground: Ground) -> Decision | None:
    """Return the decision where the record contradicts itself whatever its point is worth."""
    if known.strange:
        return _review(known, ground, "unknown_community")
    if len(known.named) > 1:
        return _review(known, ground, "several_communities")
    if known.clash is not None and known.addressed is None:
        return _review(known, ground, "address_at_several_places")
    if known.addressed and known.named and ground.home_of.get(known.addressed) not in known.named:
        return _review(known, ground, "address_and_text_disagree")
    return None


def _by_address(known: Evidence, ground: Ground) -> Decision:
    """Place a record whose point says nothing."""
    match = known.match
    if known.addressed is None or match is None:
        asked = match is not None and match.status == "ambiguous" and known.fault == "no_coordinates"
        return _review(known, ground, "ambiguous_address" if asked else known.fault)
    lon, lat = (match.lon, match.lat) if match.accepted else (None, None)
    return {
        **_given(ground, known.addressed, "address", match.confidence if match.accepted else 1.0, match.level),
        "lon": lon,
        "lat": lat,
        "precision_m": None,
    }


def _by_point(known: Evidence, ground: Ground) -> Decision:
    """Place a record whose point lies in a grid, or near one."""
    match = known.match
    if known.addressed is not None and match is not None:
        if known.addressed not in {known.grid, *known.shares}:
            return _review(known, ground, "point_and_address_disagree")
        return _given(ground, known.addressed, "both", max(match.confidence, _TOGETHER), match.level)
    asked = match.grids if match is not None and match.status == "ambiguous" else ()
    if asked and not {known.grid, *known.shares} & set(asked):
        return _review(known, ground, "point_and_address_disagree")
    within = {code: share for code, share in known.shares.items() if _home_named(code, known, ground)}
    if known.named and not within:
        return _review(known, ground, "point_and_text_disagree")
    best = max(sorted(within), key=lambda code: within[code])
    share = within[best] / sum(within.values())
    if share < SURE_SHARE and (known.step_m or 0.0) > FINE_M:
        return _review(known, ground, "imprecise_point")
    if not known.named and (known.step_m or 0.0) <= FINE_M:
        best, share = known.grid or best, within.get(known.grid or best, share)  # the owner of the point itself
    together = len(within) < len(known.shares)
    return _given(ground, best, "point", min(share, _TOGETHER) if together else share, "")


def _home_named(code: str, known: Evidence, ground: Ground) -> bool:
    return not known.named or ground.home_of.get(code) in known.named


def _given(ground: Ground, code: str, by: str, confidence: float, level: str) -> Decision:
    return {
        "grid_code": code,
        "plan_id": ground.plan_of.get(code),
        "placed_by": by,
        "match_level": level,
        "confidence": round(confidence, 4),
    }


def _review(known: Evidence, ground: Ground, reason: str) -> Decision:
    """Leave a record without a grid, with every grid that it may belong to."""
    match = known.match if reason == "ambiguous_address" else None
    question = "" if match is None else " / ".join(filter(None, match.question))
    return {
        "grid_code": None,
        "plan_id": None,
        "placed_by": "",
        "match_level": "" if known.match is None else known.match.level,
        "confidence": None,
        "reason": reason,
        "candidates": list(_candidates(known, ground)),
        "question": question,
    }


def _candidates(known: Evidence, ground: Ground) -> Iterable[dict[str, Any]]:
    """Yield the grids that a record may belong to, each once, with what speaks for it."""
    seen: set[str] = set()
    for code, by, share in _votes(known, ground):
        if code not in seen:
            seen.add(code)
            yield {"grid_code": code, "by": by, "share": None if share is None else round(share, 4)}


def _votes(known: Evidence, ground: Ground) -> Iterable[tuple[str, str, float | None]]:
    if not known.fault:
        shares = sorted(known.shares.items(), key=lambda item: (-item[1], item[0]))
        yield from ((code, "point", share) for code, share in shares)
    if known.addressed is not None:
        yield known.addressed, "address", None
    elif known.match is not None:
        yield from ((code, "address", None) for code in known.match.grids)
    for community in known.named:
        if known.lon is not None and known.lat is not None:
            code = ground.nearest_of(community, known.lon, known.lat)
            if code is not None:
                yield code, "text", None
    if known.clash is not None:
        yield from ((code, "same address", None) for code in known.clash.grids)
