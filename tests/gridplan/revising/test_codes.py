"""Codes over many revisions: what was retired once never comes back."""

from __future__ import annotations

import numpy as np
from generations import Chain


def test_no_code_comes_back_over_revisions_that_each_know_the_last_plan_alone() -> None:
    """Counts rise and fall, so that grids merge and split; today's grids are the last plan's layer."""
    chain = Chain(np.random.default_rng(0))
    for _ in range(6):
        chain.revise()
        assert not chain.again, f"retired codes that came back: {chain.again}"
    assert len(chain.retired) >= 4, "a chain in which nothing retires shows nothing"
