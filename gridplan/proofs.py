"""What the exact model says of a whole plan, for the report and in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gridplan.community import CommunityPlan

# Parts not proven optimal that the summary names.
MOST_LISTED = 20


def proof_report(plans: Sequence[CommunityPlan], prove_s: float | None) -> dict[str, Any] | None:
    """
    Return the proofs of all parts, and what they come to.

    Parameters
    ----------
    plans
        Plans of the communities.
    prove_s
        Seconds that each part was given; None where no proof was asked for.

    Returns
    -------
    report
        ``parts`` (one for each connected part: ``community_code``, ``part`` and the fields of
        `gridplan.partition.exact_parts.PartProof`), the numbers ``bounded``, ``optimal``, ``taken``, and ``gap_mean``
        and ``gap_worst`` over the bounded parts (shares; null without any); None where no proof was asked for.
    """
    if prove_s is None:
        return None
    parts = [
        {"community_code": plan.code, "part": number, **asdict(proof)}
        for plan in plans
        for number, proof in enumerate(plan.proofs)
    ]
    gaps = [part["gap"] for part in parts if part["gap"] is not None]
    return {
        "limit_s": prove_s,
        "parts": parts,
        "bounded": len(gaps),
        "optimal": sum(part["status"] == "optimal" for part in parts),
        "taken": sum(part["taken"] for part in parts),
        "gap_mean": sum(gaps) / len(gaps) if gaps else None,
        "gap_worst": max(gaps, default=None),
    }


def proof_lines(proof: Mapping[str, Any] | None, lang: str) -> list[str]:
    """
    Return the proofs in words: one line for all, and one for each part that is not proven optimal.

    Parameters
    ----------
    proof
        As `proof_report` returns it.
    lang
        ``zh`` or ``en``.
    """
    if proof is None:
        return []
    total = len(proof["parts"])
    if not proof["bounded"]:
        return [
            f"  精确模型：{total} 个连通块均未求证" if lang == "zh" else f"  exact model: none of {total} parts bounded"
        ]
    mean, worst = f"{proof['gap_mean']:.3%}", f"{proof['gap_worst']:.3%}"
    if lang == "zh":
        head = (
            f"  精确模型：{total} 个连通块中 {proof['bounded']} 个有下界，{proof['optimal']} 个证明最优；"
            f"与下界的差距平均 {mean}，最大 {worst}；{proof['taken']} 个连通块因此改进"
        )
    else:
        head = (
            f"  exact model: {proof['bounded']} of {total} parts bounded, {proof['optimal']} proven optimal; "
            f"gap {mean} on average, {worst} at worst; {proof['taken']} parts improved by it"
        )
    open_parts = [part for part in proof["parts"] if part["status"] != "optimal"]
    return [head, *(_line(part, lang) for part in open_parts[:MOST_LISTED])]


STATUS = {
    "time_limit": {"en": "time ran out", "zh": "时限已到"},
    "too_large": {"en": "too large for a proof", "zh": "规模过大，未求证"},
    "out_of_bounds": {"en": "not inside the rules, see above", "zh": "未满足规则，见上"},
}


def _line(part: Mapping[str, Any], lang: str) -> str:
    name = f"    {part['community_code']}/{part['part']}"
    if lang == "zh":
        text = f"{name}  {part['units']} 个基本单元，{part['grids']} 个网格：{STATUS[part['status']]['zh']}"
        return text if part["gap"] is None else f"{text}，差距 {part['gap']:.3%}（{part['seconds']:.0f} 秒）"
    text = f"{name}  {part['units']} units, {part['grids']} grids: {STATUS[part['status']]['en']}"
    return text if part["gap"] is None else f"{text}, gap {part['gap']:.3%} ({part['seconds']:.0f} s)"
