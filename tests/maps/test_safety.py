"""Names are user data: whatever they hold, they are shown as they are and never run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maps import plan_page
from maps.payload import PlanFrames

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<img src=x onerror=window.__x=1>",
    "</script><script>window.__x=1</script>",
    "<!--<script>window.__x=1</script>",
    "${window.__x=1}",
    '${"a"}`${window.__x=1}`',
    "`;window.__x=1;`",
    "'-(window.__x=1)-'",
    '"><svg onload=window.__x=1>',
    "javascript:window.__x=1",
    "{{ this.__class__.__mro__ }}{% raw %}{# #}",
    "\\u003cimg src=x onerror=window.__x=1\\u003e",
    "\u2028window.__x=1\u2029",
    "constructor",
    "__proto__",
    "]]><x/>&lt;&amp;&#60;",
    "a\x00b\r\nc\tＦＵＬＬ＜ｉｍｇ＞",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
HOSTILE = st.one_of(st.sampled_from(PAYLOADS), st.tuples(TEXT, st.sampled_from(PAYLOADS), TEXT).map("".join), TEXT)


def hostile_plan(plan: PlanFrames, texts: list[str]) -> PlanFrames:
    """The plan with hostile text wherever the contract has text; codes stay distinct."""

    def take(n: int, salt: int) -> list[str]:
        return [texts[(i * 7 + salt) % len(texts)] for i in range(n)]

    grids, units, communities = plan.grids.copy(), plan.units.copy(), plan.communities.copy()
    code = dict(zip(grids["grid_code"], [f"{text}{i}" for i, text in enumerate(take(len(grids), 0))], strict=True))
    parent = dict(zip(communities["community_code"], take(len(communities), 3), strict=True))
    parent = {old: f"{text}{i}" for i, (old, text) in enumerate(parent.items())}
    grids = grids.assign(
        grid_code=grids["grid_code"].map(code),
        community_code=grids["community_code"].map(parent),
        name=take(len(grids), 1),
        kind=take(len(grids), 2),
    )
    units["grid_code"] = units["grid_code"].map(code)
    communities = communities.assign(
        community_code=communities["community_code"].map(parent), name=take(len(communities), 4)
    )
    violations = plan.violations.assign(
        grid_code=plan.violations["grid_code"].map(code), rule=take(4, 5), reason=take(4, 6), limit=take(4, 7)
    )
    barriers = plan.barriers.assign(kind=take(4, 8))
    return replace(plan, grids=grids, units=units, violations=violations, barriers=barriers, communities=communities)


def hostile_page(plan: PlanFrames, report: dict, texts: list[str]) -> str:
    notices = [{"zh": text, "en": text} for text in texts[:3]]
    report = {**report, "notices": notices, "version": texts[0], "seed": texts[-1], "households_are": texts[0]}
    return plan_page(
        plan.grids,
        plan.units,
        plan.violations,
        barriers=plan.barriers,
        communities=plan.communities,
        report=report,
        title=texts[0],
    )


# Opens every tooltip, card, list and label in both languages; returns the names and codes as shown.
TOUR = """() => {
    const app = gridplanMap;
    const shown = [];
    for (let turn = 0; turn < 2; turn++) {
        for (const grid of app.data.grids) {
            grid.polygon.openTooltip();
            app.select(grid);
            const card = document.querySelector(".leaflet-popup .card");
            const tip = document.querySelector(".leaflet-tooltip .tip");
            shown.push([grid.name, grid.grid_code, card.querySelector("h3").textContent,
                card.querySelector(".code").textContent, tip.querySelector(".code").textContent]);
            grid.polygon.closeTooltip();
        }
        app.colourBy("work");
        const input = document.querySelector("input[type=search]");
        input.value = "window";
        input.dispatchEvent(new Event("input"));
        app.map.setZoom(18, { animate: false });
        document.getElementById("button-other_language").click();
        dispatchEvent(new Event("beforeprint"));
        dispatchEvent(new Event("afterprint"));
    }
    return shown;
}"""


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a page takes a second: too long to shrink with
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(HOSTILE, min_size=8, max_size=24))
def test_no_text_runs_and_all_text_is_shown_as_it_is(visit, plan, plan_report, texts):
    check(visit, plan, plan_report, texts)


def test_known_attacks_do_not_run(visit, plan, plan_report):
    check(visit, plan, plan_report, PAYLOADS)


def check(visit, plan, plan_report, texts):
    hostile = hostile_plan(plan, texts)
    seen = visit(hostile_page(hostile, plan_report, texts))
    shown = seen.page.evaluate(TOUR)
    assert len(shown) == 2 * len(plan.grids)
    for name, code, title, card_code, tip_code in shown:
        assert title == (name or code)
        assert card_code == tip_code == code
    assert [row[1] for row in shown[: len(plan.grids)]] == hostile.grids["grid_code"].to_list()
    assert seen.page.evaluate("window.__x === undefined")
    assert (seen.asked, seen.errors) == ([], [])


def test_the_policy_stops_a_script_that_is_not_the_pages_own(visit, plan, plan_report):
    """The second wall: were markup ever to get in, it would not run."""
    seen = visit(hostile_page(plan, plan_report, ["x"]))
    seen.page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", "<img src=data:, onerror=window.__x=1>");
            const script = document.createElement("script");
            script.textContent = "window.__x = 2";
            document.body.append(script);
        }"""
    )
    seen.page.wait_for_timeout(100)
    assert seen.page.evaluate("window.__x === undefined")
    assert any("Content Security Policy" in error for error in seen.errors)
