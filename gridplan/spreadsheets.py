"""Tables that spreadsheets open: text that looks like a formula stays text."""

from __future__ import annotations

from typing import Any

#: Text that begins so is taken for a formula by one spreadsheet or another.
RISKY = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """
    Put an apostrophe before text that a spreadsheet would run as a formula.

    Parameters
    ----------
    value
        Anything; only text is changed.

    Examples
    --------
    >>> harmless("=1+1"), harmless("230718001001001"), harmless(-3)
    ("'=1+1", '230718001001001', -3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value
