"""Communities in this process or in several: the same plans, told as they come, and nothing left behind by Ctrl-C."""

from __future__ import annotations

import multiprocessing
import time

import pytest
from drawn import A, B, box, district, houses

from gridplan import run
from gridplan.errors import RulesError
from gridplan.rules import Rules, rules_from
from gridplan.run import Deadline, plan_sites, spacing_for
from gridplan.site import Site
from gridplan.sites import build_sites


@pytest.fixture
def sites() -> tuple[Site, ...]:
    """Return a small community and, after it, a larger one."""
    shapes = houses(2, 1) + houses(4, 1, west=200)
    return build_sites(district(shapes, 200, {A: box(0, 0, 200, 100), B: box(200, 0, 600, 100)}), Rules()).sites


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "WORTH_A_PROCESS", 1)


@pytest.mark.usefixtures("two_processes")
@pytest.mark.parametrize("jobs", [1, 2])
def test_plans_come_in_the_order_of_sites_and_progress_by_community(sites: tuple[Site, ...], jobs: int) -> None:
    told: list[tuple[int, int, str]] = []
    plans = plan_sites(sites, Rules(), jobs=jobs, progress=lambda *each: told.append(each))
    assert [plan.code for plan in plans] == [A, B]
    assert [plan.households.sum() for plan in plans] == [400, 800]
    assert [(done, total) for done, total, _ in told] == [(1, 2), (2, 2)]
    assert {code for _, _, code in told} == {A, B}


def test_the_largest_community_is_planned_first(sites: tuple[Site, ...]) -> None:
    told: list[str] = []
    plan_sites(sites, Rules(), jobs=1, progress=lambda _done, _total, code: told.append(code))
    assert told == [B, A]


@pytest.mark.usefixtures("two_processes")
def test_an_error_in_a_process_is_the_callers_and_no_process_stays(sites: tuple[Site, ...]) -> None:
    wrong = [
        Site(site.code, site.polygon, site.rural, site.generators, site.barriers, site.fixed, n_grids=9)
        for site in sites
    ]
    with pytest.raises(RulesError, match="9 grids are set"):
        plan_sites(wrong, rules_from({}), jobs=2)
    assert_nobody_stays()


@pytest.mark.usefixtures("two_processes")
def test_ctrl_c_ends_all_processes(sites: tuple[Site, ...]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan_sites(sites, Rules(), jobs=2, progress=interrupted)
    assert_nobody_stays()


def assert_nobody_stays() -> None:
    until = time.monotonic() + 10
    while multiprocessing.active_children() and time.monotonic() < until:
        time.sleep(0.05)
    assert multiprocessing.active_children() == []


def test_a_deadline_is_a_moment() -> None:
    assert Deadline(time.time() - 1)()
    assert not Deadline(time.time() + 60)()


@pytest.mark.parametrize(("given", "spacing"), [(0.0, 4.0), (2.5, 2.5)])
def test_outlines_have_a_point_every_four_metres_unless_the_rules_say(given: float, spacing: float) -> None:
    assert spacing_for(rules_from({"spacing_m": given})) == spacing
