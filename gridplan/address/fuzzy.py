"""Names at most one edit away by sound, found by hashes of what is left when one character is taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gridplan.address.sounds import alike, sound

_BASE = np.uint64(0x9E3779B97F4A7C15 | 1)
_LONGEST = 14
_SHORTEST_LEFT = 2
# A hash shared by more names than this says too little to follow.
_CROWD = 96
Hashes = NDArray[np.uint64]


def _mixed(codes: Hashes) -> Hashes:
    """Spread code points over 64 bits (the finaliser of SplitMix64)."""
    codes = (codes + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    codes = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: Hashes = codes ^ (codes >> np.uint64(31))
    return spread


def _codes(text: str) -> Hashes:
    return _mixed(np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64))


@cache
def _code(char: str) -> int:
    return int(_codes(char)[0])


@cache
def _powers() -> Hashes:
    return np.array([pow(int(_BASE), k, 1 << 64) for k in range(64)], dtype=np.uint64)


@cache
def _windows(length: int, suffixes: bool) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return start, end and the place left out (-1 for none) of each piece of a text of some length."""
    rows = []
    for start in range(length):
        ends = (length,) if suffixes else range(start + 2, min(length, start + _LONGEST) + 1)
        for end in ends:
            if end - start < 2 or end - start > _LONGEST:
                continue
            rows.append((start, end, -1))
            if end - start > _SHORTEST_LEFT:
                rows += [(start, end, out) for out in range(start, end)]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _hashes(text: str, start: NDArray[np.int64], end: NDArray[np.int64], out: NDArray[np.int64]) -> Hashes:
    """Return the hash of each piece, its left-out character skipped."""
    powers = _powers()
    running, base, wrap = [0], int(_BASE), (1 << 64) - 1
    for code in map(_code, text):
        running.append((running[-1] * base + code) & wrap)
    prefix = np.array(running, dtype=np.uint64)
    whole = prefix[end] - prefix[start] * powers[end - start]
    cut = np.where(out < 0, start, out)
    head = prefix[cut] - prefix[start] * powers[cut - start]
    after = np.minimum(cut + 1, end)
    tail = prefix[end] - prefix[after] * powers[end - after]
    hashes: Hashes = np.where(out < 0, whole, head * powers[end - after] + tail)
    return hashes


@dataclass(frozen=True)
class NearIndex:
    """
    Hashes of names and of their one-character deletions, sorted.

    Parameters
    ----------
    keys
        Sorted hashes, shape (n,).
    owners
        Position of the name of each hash, shape (n,).
    """

    keys: Hashes
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, names: Sequence[str]) -> NearIndex:
        """
        Build the index.

        Parameters
        ----------
        names
            Normalised names; those of one character are left out.
        """
        keys, owners = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int32)]
        for length, places in _by_length(names).items():
            codes = _codes("".join(sound(names[place])[:length] for place in places)).reshape(len(places), length)
            for column in range(-1, length if length > _SHORTEST_LEFT else 0):
                kept = np.delete(codes, column, axis=1) if column >= 0 else codes
                value = np.zeros(len(places), dtype=np.uint64)
                for k in range(kept.shape[1]):
                    value = value * _BASE + kept[:, k]
                keys.append(value)
                owners.append(np.asarray(places, dtype=np.int32))
        key, owner = np.concatenate(keys), np.concatenate(owners)
        order = np.argsort(key, kind="stable")
        return cls(key[order], owner[order])

    def near(self, text: str, *, suffixes: bool = False) -> dict[int, list[tuple[int, int]]]:
        """
        Return names that sound at most one edit away from some piece of a text, each with those pieces.

        Parameters
        ----------
        text
            Normalised, without spaces; at most 40 characters are looked at.
        suffixes
            Whether only pieces up to the end of the text count.
        """
        text = text[-40:] if suffixes else text[:40]
        if len(text) < 2 or not len(self.keys):
            return {}
        start, end, out = _windows(len(text), suffixes)
        keys = _hashes(sound(text), start, end, out)
        low = np.searchsorted(self.keys, keys, side="left")
        hit = np.flatnonzero(self.keys[np.minimum(low, len(self.keys) - 1)] == keys)
        high = np.searchsorted(self.keys, keys[hit], side="right")
        found: dict[int, list[tuple[int, int]]] = {}
        for k, last in zip(hit.tolist(), high.tolist(), strict=True):
            first, piece = int(low[k]), (int(start[k]), int(end[k]))
            if last - first <= _CROWD:
                for owner in self.owners[first:last].tolist():
                    pieces = found.setdefault(owner, [])
                    if piece not in pieces:
                        pieces.append(piece)
        return found


def _by_length(names: Sequence[str]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for place, name in enumerate(names):
        if len(name) >= 2:
            groups.setdefault(min(len(name), _LONGEST), []).append(place)
    return groups


def best_piece(name: str, text: str, pieces: list[tuple[int, int]]) -> tuple[float, int, int]:
    """
    Return the cheapest of some pieces of a text to be a name, the longest of equals, with its cost.

    Parameters
    ----------
    name, text
        Normalised.
    pieces
        Half-open ranges of ``text``.
    """
    if len(pieces) > _PIECES:
        pieces = sorted(pieces, key=lambda piece: abs(piece[1] - piece[0] - len(name)))[:_PIECES]
    cost, start, length = min((distance(name, text[start:end]), start, start - end) for start, end in pieces)
    return cost, start, start - length


# Pieces of a text that are compared with one name.
_PIECES = 8
# Costs of one edit; a homophone is the commonest slip of speech recognition, a doubled character one of typing.
HOMOPHONE, DOUBLED, SWAPPED, OTHER = 0.3, 0.6, 0.8, 1.0


def distance(name: str, text: str) -> float:
    """
    Return the cost of turning a name into a text by homophones and at most one slip; infinite where more is needed.

    Digits and letters are never changed, nor are the characters that tell sister places apart.

    Parameters
    ----------
    name, text
        Normalised.

    Examples
    --------
    >>> distance("海悦", "每悦"), distance("申安", "申按"), distance("大陆国际", "大陆陆国际"), distance("东区", "西区")
    (1.0, 0.3, 0.6, inf)
    """
    if name == text:
        return 0.0
    difference = len(text) - len(name)
    if difference == 0:
        return min(round(sum(map(_change, name, text)), 6), _swapped(name, text))
    if difference == 1:
        return _one_more(name, text, _added)
    return _one_more(text, name, _left_out) if difference == -1 else float("inf")


def _swapped(name: str, text: str) -> float:
    """Return the cost where two neighbours changed places and nothing else differs."""
    k = next(k for k in range(len(name)) if name[k] != text[k])
    pair = name[k : k + 2]
    same = len(pair) == 2 and name[:k] + pair[::-1] + name[k + 2 :] == text
    return SWAPPED if same and not pair[0].isascii() and not pair[1].isascii() else float("inf")


def _one_more(short: str, long: str, price: Callable[[str, int], float]) -> float:
    """Return the least cost of one text with one character more than the other, homophones elsewhere."""
    head = 0.0
    tails = [0.0]
    for one, other in zip(reversed(short), reversed(long), strict=False):
        tails.append(tails[-1] + _change(one, other))
    best = float("inf")
    for k in range(len(long)):
        best = min(best, head + price(long, k) + tails[len(short) - k])
        if k < len(short):
            head += _change(short[k], long[k])
        if head >= best:
            break
    return round(best, 6)


# Characters that tell sister places apart (东区 and 西区, 二路 and 三路): like digits, one never stands for another.
_SISTERS = ("东南西北中", "一二三四五六七八九十", "上下", "大小", "前后", "新老旧", "甲乙丙丁")
_FAMILY = {char: k for k, family in enumerate(_SISTERS) for char in family}


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _FAMILY and _FAMILY[one] == _FAMILY.get(other):
        return float("inf")
    if one.isascii() or other.isascii():
        return float("inf")
    return HOMOPHONE if alike(one, other) else OTHER


def _added(text: str, k: int) -> float:
    if text[k].isascii():
        return float("inf")
    return DOUBLED if k and text[k - 1] == text[k] else OTHER


def _left_out(text: str, k: int) -> float:
    return float("inf") if text[k].isascii() else OTHER
