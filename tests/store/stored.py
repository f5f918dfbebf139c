"""What the tests of the store share: a clock that stands still, and small plans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from drawn import A, B, box, district, house, plan

from gridplan.plan import Plan


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@cache
def draw(seed: int = 3, *communities: str) -> Plan:
    """Plan two communities (or those named) of 24 random houses each, side by side."""
    codes = communities or (A, B)
    rng = np.random.default_rng(seed)
    ground = {code: box(400 * place, 0, 400 * place + 400, 300) for place, code in enumerate(codes)}
    shapes = [
        house(400 * place + x + rng.uniform(-9, 9), y + rng.uniform(-9, 9), 16)
        for place in range(len(codes))
        for x in range(33, 400, 66)
        for y in range(37, 300, 75)
    ]
    households = rng.integers(20, 60, len(shapes))
    return plan(district(shapes, households, ground, persons=list(households * 2.5)))
