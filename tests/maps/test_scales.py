"""Classes around the band, and colours that stay apart for the colour-blind."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps import scales

BAND = {"minimum": 300, "target": 400, "maximum": 500}


def step_keys(households: list[int], bound: list[bool]) -> list[str]:
    scale = scales.households_scale(pd.DataFrame({"households": households}), np.array(bound), BAND)
    return [scale.steps[i].key for i in scale.step_of]


def test_the_ends_of_the_band_are_in_it():
    households = [1, 299, 300, 500, 501, 0]
    assert step_keys(households, [True] * 6) == ["below", "below", "band", "band", "above", "empty"]


def test_a_grid_that_the_band_does_not_bind_is_never_too_small_or_too_large():
    assert step_keys([0, 120, 400, 900], [False] * 4) == ["unbound", "unbound", "band", "unbound"]


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), min_size=1),
    st.integers(1, 2_000),
    st.integers(4, 2_000),
)
def test_every_grid_is_in_the_range_that_its_step_states(grids, minimum, width):
    band = {"minimum": minimum, "maximum": minimum + width}
    households, bound = zip(*grids, strict=True)
    scale = scales.households_scale(pd.DataFrame({"households": households}), np.array(bound), band)
    for value, i in zip(households, scale.step_of, strict=True):
        step = scale.steps[i]
        assert step.low is None or step.low <= value
        assert step.high is None or value <= step.high
    assert sum(step.count for step in scale.steps) == len(households)


@given(st.lists(st.one_of(st.none(), st.integers(0, 60_000)), min_size=1))
def test_work_is_in_the_range_that_its_step_states(minutes):
    scale = scales.work_scale(pd.Series(minutes, dtype="Float64"))
    for value, i in zip(minutes, scale.step_of, strict=True):
        step = scale.steps[i]
        assert step.low <= round((value or 0) / 60) <= step.high
    assert sum(step.count for step in scale.steps) == len(minutes)


def test_work_steps_hold_about_as_many_grids_each():
    scale = scales.work_scale(pd.Series(np.arange(1, 501) * 60))
    assert [step.count for step in scale.steps] == pytest.approx([100, 100, 100, 100, 100, 0], abs=2)


# Machado, Oliveira, Fernandes 2009, severity 1: what a person sees who lacks one kind of cone.
SIGHT = {
    "all cones": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(sight @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [(scales.BELOW, *scales.IN_BAND, scales.ABOVE), scales.WORK])
def test_colours_differ_clearly_whatever_cones_the_reader_has(sight, colours):
    seen = {colour: lab(colour, SIGHT[sight]) for colour in colours}
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 9, (one, other)
