"""A plan in a few lines, in Chinese or English."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gridplan.proofs import proof_lines
from gridplan.reasons import reason_text
from gridplan.words import grouped

if TYPE_CHECKING:
    from gridplan.plan import Plan

MOST_LISTED = 20


def summary(plan: Plan, lang: str) -> str:
    """
    Return what a planner wants to know first: how many grids, how many in the band, what departs and why.

    Parameters
    ----------
    plan
        The plan.
    lang
        ``zh`` or ``en``.
    """
    measures = plan.report["measures"]
    lines = [_heading(measures, lang), *(f"  {notice[lang]}" for notice in plan.report["notices"])]
    found = plan.violations.drop_duplicates(["rule", "grid_code", "subject"])
    rows = found.head(MOST_LISTED)[["grid_code", "rule", "reason", "value", "limit"]].to_numpy(dtype=object)
    lines += [
        f"  {code}  {reason_text(rule, reason, lang)} ({value} / {limit})" for code, rule, reason, value, limit in rows
    ]
    if len(found) > MOST_LISTED:
        kinds = Counter(found["reason"].iloc[MOST_LISTED:])
        rest = ", ".join(f"{reason} {count}" for reason, count in sorted(kinds.items()))
        lines.append(f"  … {rest}")
    lines += proof_lines(plan.report.get("proof"), lang)
    return "\n".join(lines)


def _heading(measures: dict[str, object], lang: str) -> str:
    band = measures["in_band"]
    share = "–" if band is None else f"{float(str(band)):.1%}"
    households = grouped(int(str(measures["households"])))
    if lang == "zh":
        return (
            f"{measures['communities']} 个社区，{households} 户，{measures['grids']} 个网格；"
            f"区间内占比 {share}；例外 {measures['violations']} 项（其中已证明 {measures['violations_proven']} 项）"
        )
    return (
        f"{measures['communities']} communities, {households} households, {measures['grids']} grids; "
        f"in the band {share}; {measures['violations']} violations ({measures['violations_proven']} proven)"
    )
