"""Times as registers write them, read as moments in UTC."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

_SIGNS = (
    (re.compile("[年月/.]"), "-"),
    (re.compile("[时時点點分]"), ":"),
    (re.compile("日"), " "),
    (re.compile("秒"), ""),
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONED = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")


def parse_times(texts: pd.Series, zone: str, *, day_first: bool = False) -> pd.Series:
    """
    Read times.

    Parameters
    ----------
    texts
        ISO 8601, ``2026/3/1 8:05``, ``2026年3月1日 8时5分``, and the like; "" for none.
    zone
        IANA name of the zone of those that state none. Of an hour that comes twice in a night the first is taken;
        one that a night skips becomes the next moment that there is.
    day_first
        Whether 03/04/2026 is the third of April.

    Returns
    -------
    moments
        UTC; NaT where there is none, or no time is written.

    Examples
    --------
    >>> parse_times(pd.Series(["2026年3月1日 8时5分", "2026-03-01T08:05:00Z", "x"]), "Asia/Shanghai").tolist()[:2]
    [Timestamp('2026-03-01 00:05:00+0000', tz='UTC'), Timestamp('2026-03-01 08:05:00+0000', tz='UTC')]
    """
    codes, unique = pd.factorize(texts)
    moments = _parse(pd.Series(np.asarray(unique, dtype=object)), zone, day_first)
    found = moments.reindex(pd.Index(codes)).set_axis(texts.index)
    return found.where(pd.Series(codes >= 0, index=texts.index))


def _parse(texts: pd.Series, zone: str, day_first: bool) -> pd.Series:
    if texts.empty:
        return pd.Series([], dtype="datetime64[ns, UTC]")
    texts = texts.astype(str).str.strip()
    zoned = texts.str.contains(_ZONED) & texts.str.contains("T|:")
    aware = pd.to_datetime(texts.where(zoned), errors="coerce", utc=True, format="ISO8601")
    naive = pd.to_datetime(texts.where(~zoned & texts.str.match(_ISO)), errors="coerce", format="ISO8601")
    odd = naive.isna() & ~zoned & (texts != "")
    if odd.any():
        naive = naive.where(~odd, _odd(texts[odd], day_first).reindex(texts.index))
    # An hour that comes twice is taken for the first of the two, when summer time still holds.
    first = np.ones(len(naive), dtype=bool)
    placed = naive.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return aware.where(zoned, placed).astype("datetime64[ns, UTC]")


def _odd(texts: pd.Series, day_first: bool) -> pd.Series:
    """Read times of other shapes, each by itself."""
    for sign, plain in _SIGNS:
        texts = texts.str.replace(sign, plain, regex=True)
    texts = texts.str.strip().str.rstrip(":")
    return pd.to_datetime(texts, errors="coerce", format="mixed", dayfirst=day_first).astype("datetime64[ns]")
