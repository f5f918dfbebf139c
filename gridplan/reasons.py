"""Rules and reasons of violations in words, Chinese and English."""

from __future__ import annotations

from gridplan.words import word


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
    return f"{word(f'rule.{rule}', lang)}{colon}{word(f'reason.{reason}', lang)}"
