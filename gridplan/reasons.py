"""Rules and reasons of violations in words, Chinese and English."""

from __future__ import annotations

REASONS: dict[str, dict[str, str]] = {
    "unit_over_maximum": {
        "en": "one building alone has more households than a grid may have",
        "zh": "单栋建筑的户数已超过网格上限",
    },
    "component_below_minimum": {
        "en": "fewer households live here than a grid needs, and borders or barriers leave none to join them with",
        "zh": "该片区户数不足一个网格的下限，且受社区边界或河流、铁路等阻隔，无可并入的相邻片区",
    },
    "total_fits_no_number": {
        "en": "these households fit no whole number of grids inside the band",
        "zh": "片区总户数无法按上下限分成整数个网格",
    },
    "no_connected_cut": {
        "en": "it is proven that no way of cutting this ground into connected grids keeps the rules",
        "zh": "已证明：没有任何连通的划法能满足规则",
    },
    "locked_out_of_band": {
        "en": "the planner has locked this grid, out of the band as it is",
        "zh": "网格已锁定，保持现状（规模超出上下限）",
    },
    "cut_off_by_lock": {
        "en": "a locked grid or an exclusive area cuts this ground off from the rest",
        "zh": "被锁定网格或专属网格隔断的片区",
    },
    "forced_split": {
        "en": "this compound could not stay whole",
        "zh": "该小区无法保持完整，被划入多个网格",
    },
    "no_households": {"en": "there are no households here", "zh": "此处没有住户"},
    "exclave": {"en": "the community itself lies in several pieces", "zh": "社区本身由不相连的多块组成（飞地）"},
    "scattered_group": {
        "en": "a village group, which is not cut, lies in several places",
        "zh": "村民小组不拆分，而该组本身分处多块",
    },
    "fixed_by_planner": {
        "en": "a locked grid or an exclusive area was drawn so",
        "zh": "锁定网格或专属区域即如此划定",
    },
    "drawn_by_planner": {
        "en": "the planner drew it so and insisted on it",
        "zh": "规划员坚持如此划定",
    },
    "search_gave_up": {
        "en": "no better cut was found; nothing proves that there is none",
        "zh": "未找到更好的划法（未证明不存在）",
    },
}

RULES: dict[str, dict[str, str]] = {
    "band": {"en": "households", "zh": "户数"},
    "persons": {"en": "persons", "zh": "人数"},
    "work": {"en": "work", "zh": "工作量"},
    "connected": {"en": "connected", "zh": "连片"},
    "barrier": {"en": "barrier", "zh": "阻隔"},
    "locked": {"en": "locked", "zh": "锁定"},
    "exclusive": {"en": "exclusive", "zh": "专属"},
    "compound": {"en": "compound", "zh": "小区完整"},
    "community": {"en": "community", "zh": "社区"},
    "part": {"en": "to be parted", "zh": "须分开"},
    "join": {"en": "to be joined", "zh": "须同格"},
    "group": {"en": "village group", "zh": "村民小组完整"},
}


def reason_text(rule: str, reason: str, lang: str) -> str:
    """
    Return a rule and a reason in words.

    Parameters
    ----------
    rule, reason
        As in the layer ``violations``.
    lang
        ``zh`` or ``en``.
    """
    colon = "：" if lang == "zh" else ": "
    return f"{RULES[rule][lang]}{colon}{REASONS[reason][lang]}"
