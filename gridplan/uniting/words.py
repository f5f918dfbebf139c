"""What uniting departments came to, in a few lines of Chinese or English."""

from __future__ import annotations

from gridplan.uniting.reconcile import Reconciliation
from gridplan.uniting.unite import United
from gridplan.words import area, grouped

_MOST = 8
_REASONS = {
    "overlap": ("重叠", "claimed twice"),
    "divided": ("边界穿过", "divided by a border"),
    "near_border": ("近边界", "near a border"),
    "gap": ("在缝隙中", "in a gap"),
}


def united_lines(united: United, lang: str) -> list[str]:
    """
    Return how each layer fitted, and how far the plan follows it.

    Parameters
    ----------
    united
        The united plan.
    lang
        ``zh`` or ``en``.
    """
    lines = []
    for fit in united.reconciliations:
        lines += reconciliation_lines(fit, lang)
        lines.append(_followed(united, fit.department, lang))
    share = united.followed.on_any
    lines.append(
        f"新网格边界 {share:.1%} 与至少一个部门的边界一致"
        if lang == "zh"
        else f"{share:.1%} of the united boundary runs along some department's border"
    )
    return lines


def reconciliation_lines(fit: Reconciliation, lang: str) -> list[str]:
    """
    Return how one layer fitted.

    Parameters
    ----------
    fit
        The reconciliation.
    lang
        ``zh`` or ``en``.
    """
    zh = lang == "zh"
    gaps, overlaps, crossing = fit.gaps, fit.overlaps, [item.grid_code for item in fit.crossings]
    doubt = [
        f"{words[not zh]} {fit.doubtful[reason]}" for reason, words in _REASONS.items() if fit.doubtful.get(reason)
    ]
    lists = (
        (crossing, "跨社区", "cross communities"),
        (fit.mended, "图形已修复", "geometry mended"),
        (fit.missing_codes, "缺编码", "without a code"),
        (fit.repeated_codes, "编码重复", "codes given more than once"),
        (fit.dropped, "无图形，已略去", "without a polygon, left out"),
        (fit.empty, "无楼栋", "hold no building"),
    )
    slivers, slivers_m2 = gaps.slivers + overlaps.slivers, gaps.slivers_m2 + overlaps.slivers_m2
    if zh:
        lines = [
            f"{fit.department}：{fit.grids} 个网格",
            f"  空白 {area(gaps.area_m2)}，{grouped(gaps.households)} 户不在任何网格；"
            f"重叠 {area(overlaps.area_m2)}，{grouped(overlaps.households)} 户属两个以上网格；"
            f"碎缝 {slivers} 处，{area(slivers_m2)}",
        ]
    else:
        lines = [
            f"{fit.department}: {fit.grids} grids",
            f"  gaps {area(gaps.area_m2, lang)}, {grouped(gaps.households)} households in no grid; "
            f"overlaps {area(overlaps.area_m2, lang)}, {grouped(overlaps.households)} households in two; "
            f"{slivers} slivers, {area(slivers_m2, lang)}",
        ]
    lines += [f"  {chinese if zh else english}: {_few(names)}" for names, chinese, english in lists if names]
    if doubt:
        households = grouped(fit.doubtful["households"])
        lines.append(
            f"  归属存疑的楼栋（共 {households} 户）：{'，'.join(doubt)}"
            if zh
            else f"  buildings in doubt ({households} households): {', '.join(doubt)}"
        )
    return lines


def _few(names: tuple[str, ...] | list[str]) -> str:
    more = f" … +{len(names) - _MOST}" if len(names) > _MOST else ""
    return f"{len(names)} ({', '.join(names[:_MOST])}{more})"


def _followed(united: United, name: str, lang: str) -> str:
    whole, grids = united.followed.whole[name], united.followed.grids[name]
    share = united.followed.on_each[name]
    if lang == "zh":
        return f"  有住户的 {grids} 个网格中 {whole} 个保持完整；新网格边界 {share:.1%} 与其边界一致"
    return (
        f"  {whole} of {grids} grids with households stay whole; {share:.1%} of the united boundary runs along theirs"
    )
