"""
From evidence to a probability that can be trusted on the user's own table.

A matcher weighs its evidence to one number. What that number is worth depends on the table: how many names there
are and how much they resemble each other. So, when a table is loaded, queries are made from its own rows (some of
them with the row hidden), answered, and an isotonic regression turns the number into the share of right answers.
Any grammar can use this: it needs numbers and whether the answers were right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Confidence from which an answer is accepted, unless the user says otherwise.
THRESHOLD = 0.9
# Answers with this much imagined evidence pull each step towards the middle, so that no small step is certain.
_PRIOR_RIGHT, _PRIOR_WRONG = 0.5, 0.5


@dataclass(frozen=True)
class Calibration:
    """
    A rising step function from evidence to probability.

    Parameters
    ----------
    evidence
        Rising, shape (n,).
    probability
        Not falling, 0 to 1, shape (n,); values between are interpolated.
    """

    evidence: Floats
    probability: Floats

    @classmethod
    def fit(cls, evidence: Sequence[float], right: Sequence[bool]) -> Calibration:
        """
        Fit to answers of which it is known whether they were right.

        Parameters
        ----------
        evidence
            Weight of each answer's evidence, any range; the larger the surer.
        right
            Whether each answer was the one and only right one.

        References
        ----------
        Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability estimates", 2002.
        """
        if not len(evidence):
            return cls(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        order = np.argsort(np.asarray(evidence, dtype=float), kind="stable")
        blocks = _pooled(np.asarray(evidence, dtype=float)[order], np.asarray(right, dtype=float)[order])
        edges = [edge for block in blocks for edge in (block.low, block.high)]
        share = [(block.right + _PRIOR_RIGHT) / (block.count + _PRIOR_RIGHT + _PRIOR_WRONG) for block in blocks]
        return cls(np.asarray(edges), np.maximum.accumulate(np.repeat(share, 2)))

    def __call__(self, evidence: float) -> float:
        """Return the probability that an answer of this weight is right."""
        return float(np.interp(evidence, self.evidence, self.probability))


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of answers, by weight, that share one probability."""

    low: float
    high: float
    right: float
    count: float


def _pooled(evidence: Floats, right: Floats) -> list[_Block]:
    """Pool adjacent violators: no run of answers has a smaller share of right ones than the run before it."""
    blocks: list[_Block] = []
    for weight, hit in zip(evidence.tolist(), right.tolist(), strict=True):
        block = _Block(weight, weight, hit, 1.0)
        while blocks and blocks[-1].right * block.count >= block.right * blocks[-1].count:
            last = blocks.pop()
            block = _Block(last.low, block.high, last.right + block.right, last.count + block.count)
        blocks.append(block)
    return blocks


def expected_error(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """
    Return the expected calibration error: the mean distance between confidence and share of right answers.

    Parameters
    ----------
    confidence
        0 to 1.
    right
        Whether each answer was right.
    bins
        Equal bins of confidence.
    """
    given, hits = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    if not len(given):
        return 0.0
    place = np.minimum((given * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, given, bins) - np.bincount(place, hits, bins))
    return float(gap[count > 0].sum() / len(given))
