"""Many short texts in two arrays, so that two million of them are no Python objects and open at once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PIECE = 16_384


@dataclass(frozen=True)
class Strings:
    """
    Texts one after the other in UTF-8.

    Parameters
    ----------
    data
        Bytes of all texts.
    ends
        Where each text ends in ``data``, shape (n,).
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """
        Store texts.

        Parameters
        ----------
        texts
            Any texts.
        """
        data, lengths = bytearray(), array("q")
        for text in texts:
            encoded = text.encode("utf-8", "replace")
            data += encoded
            lengths.append(len(encoded))
        ends = np.cumsum(np.frombuffer(lengths, dtype=np.int64), dtype=np.int64) if lengths else np.empty(0, np.int64)
        return cls(np.frombuffer(data, dtype=np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str:
        start = int(self.ends[place - 1]) if place else 0
        return self.data[start : int(self.ends[place])].tobytes().decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        """Decode the texts piece by piece, so that they are never all in memory as Python texts."""
        start = 0
        for first in range(0, len(self), _PIECE):
            ends = self.ends[first : first + _PIECE].tolist()
            data = self.data[start : ends[-1]].tobytes()
            for low, high in zip([start, *ends], ends, strict=False):
                yield data[low - start : high - start].decode("utf-8")
            start = ends[-1]

    def tolist(self) -> list[str]:
        """Return all texts."""
        return list(self)


class Vocabulary:
    """
    Texts with whole numbers as names, which grow but never change.

    Parameters
    ----------
    texts
        Texts in the order of their numbers, all different.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = list(texts)
        self._numbers = {text: k for k, text in enumerate(self.texts)}

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, text: str) -> int:
        """Return the number of a text, giving it one where it has none."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def get(self, text: str) -> int:
        """Return the number of a text, -1 where it is unknown."""
        return self._numbers.get(text, -1)
