"""Columns cleaned: ids and codes as text whatever the file's type, numbers checked, nothing guessed in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Above this a float no longer holds every whole number, so an id read as a float may have lost digits.
EXACT_FLOAT = 2.0**53
# No building has this many of anything; larger numbers are slips of a key or codes in the wrong column.
LARGEST_COUNT = 10_000_000.0


@dataclass(frozen=True)
class Numbers:
    """
    A column read as numbers.

    Parameters
    ----------
    amounts
        Shape (n,); NaN where there is no value or no number.
    is_null
        Where the file holds no value, shape (n,).
    is_text
        Where it holds something that is no finite number of usable size, shape (n,).
    """

    amounts: NDArray[np.float64]
    is_null: NDArray[np.bool_]
    is_text: NDArray[np.bool_]

    @property
    def is_negative(self) -> NDArray[np.bool_]:
        """Where the number is below zero."""
        return self.amounts < 0

    @property
    def is_fractional(self) -> NDArray[np.bool_]:
        """Where the number is no whole number."""
        fractional: NDArray[np.bool_] = ~np.isnan(self.amounts) & (self.amounts != np.rint(self.amounts))
        return fractional


def parse_numbers(series: pd.Series, *, largest: float = LARGEST_COUNT) -> Numbers:
    """
    Read a column as numbers.

    Parameters
    ----------
    series
        Values of any type; numbers in texts are taken, blanks around them too.
    largest
        Largest absolute value that is usable.
    """
    if _is_textual(series):
        series = as_text(series)
    is_null = series.isna().to_numpy(dtype=bool)
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    usable = np.isfinite(values) & (np.abs(values) <= largest)
    return Numbers(np.where(usable, values, np.nan), is_null, ~is_null & ~usable)


def _is_textual(series: pd.Series) -> bool:
    return series.dtype == object or isinstance(series.dtype, pd.StringDtype)


def as_text(series: pd.Series) -> pd.Series:
    """
    Return a column as text: what was written stays, whole numbers lose a ``.0``, blanks and nothing are None.

    Parameters
    ----------
    series
        Values of any type.

    Returns
    -------
    series
        dtype object of str or None, same index.

    Examples
    --------
    >>> as_text(pd.Series([12.0, None])).tolist()
    ['12', None]
    >>> as_text(pd.Series(["0012", " 12.0 ", ""], dtype=object)).tolist()
    ['0012', '12.0', None]
    """
    if isinstance(series.dtype, pd.StringDtype):
        stripped = series.str.strip()
        return stripped.astype(object).where(stripped.notna() & (stripped != ""), None)
    if pd.api.types.is_integer_dtype(series.dtype) and not series.isna().any():
        return pd.Series(series.to_numpy().astype(str).astype(object), index=series.index, dtype=object)
    codes, uniques = pd.factorize(series)
    texts = [_value_as_text(value) for value in np.asarray(uniques, dtype=object)]
    lookup = np.array([*texts, None], dtype=object)
    return pd.Series(lookup[codes], index=series.index, dtype=object)


def _value_as_text(value: object) -> str | None:
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            return None
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value).strip() or None


def lost_digits(series: pd.Series) -> NDArray[np.bool_]:
    """
    Return where an id was read as a float too large to hold all its digits.

    Parameters
    ----------
    series
        Ids as read.
    """
    if series.dtype == object:
        large = [isinstance(value, float) and abs(value) >= EXACT_FLOAT for value in series]
        return np.array(large, dtype=bool)
    if not pd.api.types.is_float_dtype(series.dtype):
        return np.zeros(len(series), dtype=bool)
    too_large: NDArray[np.bool_] = np.abs(series.to_numpy(dtype=np.float64, na_value=0.0)) >= EXACT_FLOAT
    return too_large


_TRUE = frozenset({"1", "true", "yes", "y", "t", "是"})
_FALSE = frozenset({"0", "false", "no", "n", "f", "否"})


def parse_flags(series: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    """
    Read a column of flags.

    Parameters
    ----------
    series
        0 and 1, booleans or the usual words.

    Returns
    -------
    flags
        dtype object of bool or None, same index.
    is_other
        Where the value is no flag, shape (n,).
    """
    words = as_text(series).map(lambda word: None if word is None else word.casefold(), na_action="ignore")
    flags = pd.Series(np.full(len(words), None, dtype=object), index=series.index, dtype=object)
    flags[words.isin(_TRUE)] = True
    flags[words.isin(_FALSE)] = False
    return flags, (words.notna() & flags.isna()).to_numpy(dtype=bool)
