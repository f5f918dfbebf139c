"""Lists of numbers by a whole-numbered key: compact for what was built, and open to changes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass
class Postings:
    """
    For each key its values, sorted arrays with changes laid over them.

    Parameters
    ----------
    keys
        Sorted, one for each value, shape (n,).
    values
        Shape (n,).
    changed
        Keys whose values were replaced since the arrays were built.
    """

    keys: NDArray[np.int64]
    values: NDArray[np.int32]
    changed: dict[int, list[int]] = field(default_factory=dict)

    @cached_property
    def _view(self) -> memoryview:
        return memoryview(self.keys)  # type: ignore[arg-type]

    @classmethod
    def of(cls, keys: NDArray[np.int64], values: NDArray[np.int32]) -> Postings:
        """
        Sort pairs of key and value; pairs that repeat are kept once.

        Parameters
        ----------
        keys, values
            Shape (n,); negative keys are left out.
        """
        keep = keys >= 0
        keys, values = keys[keep], values[keep]
        order = np.lexsort((values, keys))
        keys, values = keys[order], values[order]
        fresh = np.ones(len(keys), dtype=bool)
        fresh[1:] = (keys[1:] != keys[:-1]) | (values[1:] != values[:-1])
        return cls(keys[fresh], values[fresh])

    def get(self, key: int) -> list[int]:
        """Return the values of a key, none where it is unknown."""
        if key in self.changed:
            return self.changed[key]
        low = bisect_left(self._view, key)
        values: list[int] = self.values[low : bisect_right(self._view, key, low)].tolist()
        return values

    def between(self, low: int, high: int, limit: int) -> list[int]:
        """Return values of the keys from ``low`` up to, not including, ``high``; at most ``limit``."""
        first, last = np.searchsorted(self.keys, (low, high))
        values: list[int] = self.values[first : min(last, first + limit)].tolist()
        extra = [value for key, held in self.changed.items() if low <= key < high for value in held]
        return list(dict.fromkeys(values + extra))[:limit]

    def add(self, key: int, value: int) -> None:
        """Add a value to a key."""
        held = self.get(key)
        if key >= 0 and value not in held:
            self.changed[key] = [*held, value]

    def remove(self, key: int, value: int) -> None:
        """Take a value from a key."""
        self.changed[key] = [each for each in self.get(key) if each != value]
