"""The data of a page: figures that agree with the plan, words for every term of the contract, no markup."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps import payload
from maps.offline import page_words

TERMS = {
    "reason": """unit_over_maximum component_below_minimum total_fits_no_number no_connected_cut locked_out_of_band
        cut_off_by_lock forced_split no_households exclave search_gave_up""",
    "rule": "band connected barrier locked exclusive compound community",
    "kind": "basic rural exclusive micro",
    "barrier": "river water railway motorway trunk primary secondary tertiary residential wall bridge",
}


@pytest.mark.parametrize("group", TERMS)
def test_every_term_of_the_contract_has_words_in_both_languages(group):
    words = page_words()
    assert set(TERMS[group].split()) <= set(words[group])
    for table in words.values():
        for pair in table.values():
            assert len(pair) == 2
            assert all(isinstance(word, str) and word for word in pair)


def test_figures_are_those_of_the_plan(plan, plan_report):
    data = payload.plan_payload(plan, plan_report)
    basic = plan.grids[plan.grids["kind"] == "basic"]["households"]
    summary = data["summary"]
    assert summary["grids"] == 100
    assert summary["communities"] == 10
    assert summary["households"] == plan.grids["households"].sum()
    assert (summary["bound"], summary["inBand"]) == (99, 97)
    assert summary["cv"] == pytest.approx(np.std(basic) / np.mean(basic))
    assert summary["seconds"] == pytest.approx(3.3)
    assert data["grids"][20]["households"] == 612
    assert [row["grid_code"] for row in data["grids"]] == plan.grids["grid_code"].to_list()
    assert data["violations"][2]["reason"] == "forced_split"


def test_seconds_with_a_total_are_not_added_to_it(plan, plan_report):
    data = payload.plan_payload(plan, {**plan_report, "seconds": {"cells": 3.0, "solve": 2.0, "total_wall": 4.0}})
    assert data["summary"]["seconds"] == 4.0


def test_missing_values_are_null(plan, plan_report):
    grids = plan.grids.copy()
    grids["persons"] = pd.array([None] * len(grids), dtype="Int64")
    grids["work_min"] = np.nan
    data = payload.plan_payload(replace(plan, grids=grids.drop(columns="compactness")), plan_report)
    assert data["grids"][0]["persons"] is None
    assert data["grids"][0]["work_min"] is None
    assert data["grids"][0]["compactness"] is None
    assert [step["key"] for step in data["scales"]["work"]["steps"]] == ["empty"]


def test_plan_without_barriers_communities_and_violations(plan, plan_report):
    bare = replace(plan, barriers=None, communities=None, violations=plan.violations.iloc[:0])
    data = payload.plan_payload(bare, plan_report)
    assert data["barriers"] == []
    assert data["violations"] == []
    assert {one["name"] for one in data["communities"]} == {None}
    assert data["communityBorders"]


def test_many_cells_are_left_out_and_counted(plan, plan_report, monkeypatch):
    monkeypatch.setattr(payload, "MOST_CELLS", len(plan.units) - 1)
    data = payload.plan_payload(plan, plan_report)
    assert data["cells"] == []
    assert data["cellsLeftOut"] == len(plan.units)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plan: replace(plan, grids=plan.grids.iloc[:0]), "no grids"),
        (lambda plan: replace(plan, grids=plan.grids.to_crs("EPSG:4490")), "projected CRS"),
        (lambda plan: replace(plan, grids=plan.grids.set_crs(None, allow_override=True)), "projected CRS"),
    ],
)
def test_frames_that_cannot_be_drawn_are_refused(plan, plan_report, change, message):
    with pytest.raises(payload.MapInputError, match=message):
        payload.plan_payload(change(plan), plan_report)


def test_report_without_a_band_is_refused(plan):
    with pytest.raises(payload.MapInputError, match="minimum, target and maximum"):
        payload.plan_payload(plan, {"seed": 1})


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_holds_no_markup_and_reads_back_equal(value):
    text = payload.dump({"value": value})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {"value": value}
