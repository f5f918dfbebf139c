"""Numbers of regions: what arithmetic allows, best first, and their sharing."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridplan.errors import RulesError
from gridplan.partition.counts import preferred_counts, share_count
from gridplan.rules import Band


@given(st.integers(1, 5_000), st.integers(1, 200), st.integers(0, 100), st.integers(0, 100))
def test_the_numbers_are_those_whose_mean_fits(total: int, minimum: int, more: int, most: int) -> None:
    band = Band(minimum, minimum + more, minimum + more + most)
    fitting = [k for k in range(1, total + 1) if k * band.minimum <= total <= k * band.maximum]
    numbers = preferred_counts(total, band, band.target)
    if fitting:
        assert sorted(numbers) == fitting
        assert abs(total / numbers[0] - band.target) == pytest.approx(
            min(abs(total / k - band.target) for k in fitting), rel=0.5, abs=band.target * 0.2
        )
    elif total < minimum:
        assert numbers == [1]
    else:
        # One region more than the minimum allows, or one fewer: the one whose odd region is off by fewer comes first.
        most = total // minimum
        off = {most: total - most * band.maximum, most + 1: (most + 1) * minimum - total}
        assert sorted(numbers) == [most, most + 1]
        assert off[numbers[0]] == min(off.values())


@given(st.lists(st.sets(st.integers(1, 4), min_size=1).map(sorted), min_size=1, max_size=4), st.integers(1, 16))
def test_a_number_is_shared_wherever_it_can_be(allowed: list[list[int]], wanted: int) -> None:
    sums = {sum(choice) for choice in product(*allowed)}
    if wanted in sums:
        shared = share_count(wanted, allowed)
        assert sum(shared) == wanted
        assert all(number in numbers for number, numbers in zip(shared, allowed, strict=True))
    else:
        with pytest.raises(RulesError, match=f"{wanted} grids are set"):
            share_count(wanted, allowed)
