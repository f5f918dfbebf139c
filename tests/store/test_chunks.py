"""Rows as bytes: what goes in comes out, to the last bit, whatever it is."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from gridplan.errors import StoreError
from gridplan.store.chunks import decode, encode

SHAPES = [
    shapely.Point(0.1 + 0.2, 2),
    None,
    shapely.Polygon(),
    shapely.MultiPolygon([shapely.box(0, 0, 1 / 3, 1)]),
    shapely.Point(1, 2, 3),
]


def rows() -> gpd.GeoDataFrame:
    """Return a column of every kind."""
    columns: dict[str, Any] = {
        "whole": np.array([1, -(2**63), 2**63 - 1, 0, 7]),
        "small": np.array([1, 2, 3, 4, 5], dtype="uint8"),
        "real": [0.1, np.nan, np.inf, -0.0, 5e-324],
        "counted": pd.array([1, None, 3, 4, 2**62 + 1], dtype="Int64"),
        "text": pd.Series(["0012", None, "网格\n\t\0", "", "😀"], dtype=object),
        "mixed": pd.Series([1, None, "x", 2.5, {"a": [True, None]}], dtype=object),
        "words": pd.Series(["a", None, "b", "c", ""], dtype="str"),
        "flag": [True, False, True, True, False],
        "maybe": pd.array([True, None, False, True, True], dtype="boolean"),
        "time": pd.to_datetime(["2026-01-01 00:00:00.000001"] * 4 + ["NaT"], utc=True),
        "kind": pd.Categorical(["basic", "rural", None, "basic", "basic"]),
    }
    return gpd.GeoDataFrame(columns, geometry=SHAPES, crs="EPSG:4549")


@pytest.mark.parametrize("cuts", [[], [2], [0, 5], [1, 2, 3]])
def test_a_frame_comes_back_as_it_was(cuts: list[int]) -> None:
    frame = rows()
    back = decode(encode(frame, "layer", list(zip([0, *cuts], [*cuts, len(frame)], strict=True))))
    assert_geodataframe_equal(back, frame)
    assert list(back["text"]) == list(frame["text"]), "None stays None"
    assert np.signbit(back["real"].iloc[3])
    assert back.crs == frame.crs
    assert shapely.equals_identical(back.geometry.to_numpy()[[0, 3, 4]], frame.geometry.to_numpy()[[0, 3, 4]]).all()


def test_no_rows_keep_their_columns() -> None:
    frame = rows().iloc[:0]
    assert_geodataframe_equal(decode(encode(frame, "layer")), frame)
    nothing = pd.DataFrame({"rule": pd.Series([], dtype=object), "value": pd.Series([], dtype="int64")})
    assert_frame_equal(decode(encode(nothing, "violations")), nothing)


CELL = st.none() | st.text() | st.integers(-(2**60), 2**60) | st.booleans() | st.floats(allow_nan=False)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(width=64), CELL, st.text() | st.none()), min_size=1, max_size=8), st.integers(0, 8))
def test_any_values_come_back(values: list[tuple[float, Any, str | None]], cut: int) -> None:
    real, anything, text = (list(column) for column in zip(*values, strict=True))
    frame = pd.DataFrame(
        {"real": real, "any": pd.Series(anything, dtype=object), "text": pd.Series(text, dtype=object)}
    )
    back = decode([*encode(frame.iloc[:cut], "layer"), *encode(frame.iloc[cut:], "layer")])
    assert np.array_equal(back["real"].to_numpy().view("int64"), frame["real"].to_numpy().view("int64"))
    assert [(type(value), value) for value in back["any"]] == [(type(value), value) for value in anything]
    assert list(back["text"]) == text


def test_equal_rows_have_equal_bytes_wherever_they_stood() -> None:
    frame = rows()
    alone = frame.iloc[2:4].copy().reset_index(drop=True)
    assert encode(frame, "layer", [(0, 2), (2, 4)])[1] == encode(alone, "layer")[0]
    changed = frame.assign(whole=frame["whole"] + 1)
    (halves,), (others,) = encode(frame, "layer"), encode(changed, "layer")
    assert halves["shapes"] == others["shapes"]
    assert halves["values"] != others["values"]


def test_a_value_that_cannot_be_kept_is_named() -> None:
    frame = pd.DataFrame({"seen": pd.Series([object()], dtype=object)})
    with pytest.raises(StoreError, match=r"units\.seen: .* no store keeps exactly"):
        encode(frame, "units")
