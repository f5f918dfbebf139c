"""How often a key may ask: counted in memory, by each worker for itself."""

from __future__ import annotations

import math
import time
from threading import Lock

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.problems import RATE, ProblemError

# Less is a clock that is kept right, step by step.
_SET_BACK_S = 1.0


class Limiter:
    """
    Refuses who asks too often.

    Parameters
    ----------
    rates
        What each key may ask, such as ``"600/minute"`` or ``"50/second;600/minute"``; "" for no limit.

    Raises
    ------
    ValueError
        If it cannot be read.
    """

    def __init__(self, rates: str) -> None:
        self._items: tuple[RateLimitItem, ...] = tuple(parse_many(rates)) if rates.strip() else ()
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._lock, self._latest = Lock(), time.time()

    def take(self, key_id: str, cost: int = 1) -> None:
        """
        Count a request of a key.

        Parameters
        ----------
        key_id
            The key.
        cost
            As how many requests it counts.

        Raises
        ------
        ProblemError
            If the key has asked too often; it names when it may again.
        """
        self._forget_a_time_to_come()
        for item in self._items:
            if not self._hit(item, key_id, cost):
                reset = self._counts.get_window_stats(item, key_id).reset_time
                wait = max(1, math.ceil(reset - time.time()))
                raise ProblemError(
                    RATE, f"expected at most {item.amount} requests in {item.GRANULARITY.name}; ask again in {wait} s",
                    {"Retry-After": str(wait)},
                )  # fmt: skip

    def _forget_a_time_to_come(self) -> None:
        """Count anew where the clock was set back: counts of a time to come would refuse a key until that comes."""
        now = time.time()
        with self._lock:
            if now < self._latest - _SET_BACK_S:
                self._counts.storage.reset()
            self._latest = now

    def _hit(self, item: RateLimitItem, key_id: str, cost: int) -> bool:
        with self._lock:
            return self._counts.hit(item, key_id, cost=cost)
