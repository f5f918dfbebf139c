"""One code for one grid: reading order, codes that stay, the next after the maximum, no wrap, names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridplan.codes import new_codes, ordinal_name, reading_order, sequence_of
from gridplan.errors import CodeOverflowError

C = "230718001001"
TEMPLATE = "{community}{sequence:03d}"


def test_numbers_run_from_west_to_east_in_rows_from_north_to_south() -> None:
    """
    Slightly crooked rows stay rows.

        1  2  3
        4  5
    """
    xy = np.array([[300.0, 410.0], [0.0, 5.0], [150.0, 380.0], [0.0, 400.0], [160.0, 0.0]])
    assert reading_order(xy, row_height_m=100.0).tolist() == [3, 2, 0, 1, 4]


def test_a_row_is_measured_from_its_northernmost_grid() -> None:
    """Three steps of 60 m with rows of 100 m: the third is a row of its own, however near to the second."""
    xy = np.array([[200.0, 120.0], [100.0, 60.0], [0.0, 0.0]])
    assert reading_order(xy, row_height_m=100.0).tolist() == [1, 0, 2]


@given(st.permutations(range(8)))
def test_numbers_do_not_depend_on_the_order_of_grids(order: list[int]) -> None:
    xy = np.column_stack([np.arange(8) * 37.0 % 100, np.arange(8) * 53.0 % 100])
    straight = xy[reading_order(xy, 30.0)].tolist()
    mixed = xy[order]
    assert mixed[reading_order(mixed, 30.0)].tolist() == straight


def test_the_first_plan_numbers_from_one() -> None:
    assert new_codes(C, TEMPLATE, [None, None], []) == [C + "001", C + "002"]


def test_new_codes_go_on_from_the_maximum_ever_used() -> None:
    """005 is retired: it is not kept, and not given again; gaps below stay gaps."""
    kept = [None, C + "002", None]
    assert new_codes(C, TEMPLATE, kept, [C + "002", C + "005"]) == [C + "006", C + "002", C + "007"]


def test_codes_of_another_make_are_kept_and_count_for_nothing() -> None:
    assert new_codes(C, TEMPLATE, ["park", None], ["park", "7"]) == ["park", C + "001"]


@pytest.mark.parametrize(
    ("template", "used", "code"),
    [
        ("{community}{sequence:02d}", "07", C + "08"),
        ("{community}01{sequence:03d}", "01007", C + "01008"),
        ("{community}-{sequence}", "-7", C + "-8"),
        ("{sequence:03d}@{community}", None, f"001@{C}"),
        ("W{community}{sequence:04d}0", None, f"W{C}00010"),
    ],
)
def test_other_templates(template: str, used: str | None, code: str) -> None:
    assert new_codes(C, template, [None], [C + used] if used else []) == [code]


def test_a_full_community_is_an_error_and_no_wrap() -> None:
    assert new_codes(C, "{community}{sequence:01d}", [None], [C + "8"]) == [C + "9"]
    with pytest.raises(CodeOverflowError, match="never wrapped or reused"):
        new_codes(C, "{community}{sequence:01d}", [None], [C + "9"])
    with pytest.raises(CodeOverflowError, match=C):
        new_codes(C, TEMPLATE, [None] * 1000, [])


def test_a_template_without_width_never_overflows() -> None:
    assert new_codes(C, "{community}/{sequence}", [None], [C + "/999"]) == [C + "/1000"]


def test_a_code_longer_than_the_template_was_not_made_by_it() -> None:
    """Eight digits after the community are a date, say, and no sequence that uses the community up."""
    dated = C + "20240101"
    assert sequence_of(dated, C, TEMPLATE) == 0
    assert new_codes(C, TEMPLATE, [dated, None], [dated]) == [dated, C + "001"]


@given(st.integers(1, 999), st.sampled_from([TEMPLATE, "{community}01{sequence:03d}", "{sequence:03d}/{community}"]))
def test_a_code_tells_its_sequence(sequence: int, template: str) -> None:
    assert sequence_of(template.format(community=C, sequence=sequence), C, template) == sequence
    assert sequence_of(template.format(community="230718001002", sequence=sequence), C, template) == 0


@pytest.mark.parametrize(
    ("sequence", "name"),
    [
        (1, "第一网格"),
        (10, "第十网格"),
        (11, "第十一网格"),
        (20, "第二十网格"),
        (101, "第一百零一网格"),
        (110, "第一百一十网格"),
        (1001, "第一千零一网格"),
        (1010, "第一千零一十网格"),
        (2200, "第二千二百网格"),
        (10_000, "第一万网格"),
        (10_500, "第一万零五百网格"),
        (12_345, "第一万二千三百四十五网格"),
        (100_000, "第十万网格"),
    ],
)
def test_names(sequence: int, name: str) -> None:
    assert ordinal_name(sequence) == name
