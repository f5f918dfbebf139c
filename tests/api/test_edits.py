"""Edits and the way to publication over HTTP: the same records as in notebooks, and nobody overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi.testclient import TestClient
from served import OUR_COMMUNITIES, OURS, THEIRS, City, middle, our_plan

from gridplan.store.keys import Role

Asking = Callable[..., TestClient]
GRIDS = sorted(our_plan().grids["grid_code"])
FIRST, SECOND = (GRIDS[0], GRIDS[1])


def merge(*codes: str, **more: Any) -> dict[str, Any]:
    return {"action": "merge", "parameters": {"codes": list(codes or (FIRST, SECOND))}, "force": True, **more}


def rename(name: str, **more: Any) -> dict[str, Any]:
    return {"action": "rename", "parameters": {"code": FIRST, "name": name}, **more}


def who(client: TestClient) -> str:
    """Return what a key without a name is recorded as."""
    return str(client.headers["X-API-Key"].split("_")[1])


def test_an_edit_is_the_one_of_a_notebook_and_is_kept_with_its_reason(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    expected = city.store.load(city.draft).merge(FIRST, SECOND, force=True)
    tried = client.post(path, json=merge(dry_run=True)).json()
    assert (tried["saved"], tried["revision"]) == (False, 0)
    assert city.store.edits(city.draft) == []
    answer = client.post(path, json=merge(reason="两格人少"), headers={"If-Match": '"r0"'})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert answer.headers["etag"] == '"r1"'
    assert (made["saved"], made["revision"], made["edit"]["author"]) == (True, 1, who(client))
    assert made["edit"]["effects"] == tried["edit"]["effects"]
    new = set(expected.grids["grid_code"]) - set(GRIDS)
    assert {feature["id"] for feature in made["grids"]} == new or not new
    assert set(made["gone"]) == set(GRIDS) - set(expected.grids["grid_code"])
    (record,) = city.store.edits(city.draft)
    assert (record.action, record.reason, record.forced) == ("merge", "两格人少", made["edit"]["forced"])
    assert list(city.store.load(city.draft).grids["grid_code"]) == list(expected.grids["grid_code"])
    undone = client.post(path, json={"action": "undo"}).json()
    assert sorted(undone["gone"]) == sorted(new)
    history = client.get(path).json()
    assert [edit["action"] for edit in history["edits"]] == ["merge", "undo"]
    assert "delta" not in history["edits"][0]


HOME = our_plan().units.query("grid_code == @FIRST and building_id.notna()")["building_id"].iloc[0]
ACTIONS: list[tuple[str, Any]] = [
    ("split", {"code": FIRST, "into": 2}),
    ("lock", {"codes": [FIRST]}),
    ("rename", {"code": FIRST, "name": "花园网格"}),
    ("change_kind", {"codes": [FIRST], "kind": "exclusive"}),
    ("redraw", {"grids": {"new": [HOME]}}),
    ("replan", {"codes": "unlocked", "rules": {"minimum": 200, "target": 300, "maximum": 400}, "effort": "quick"}),
]


def test_every_action_of_a_notebook_is_there(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    for action, parameters in ACTIONS:
        body = {"action": action, "parameters": parameters, "force": True, "reason": "试"}
        answer = client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        assert city.store.edits(city.draft)[-1].action == action
        assert client.post(path, json={"action": "undo"}).status_code == 200


def test_lines_are_drawn_in_degrees(asking: Asking, city: City) -> None:
    west, south, east, north = our_plan().grids[our_plan().grids["grid_code"] == FIRST].to_crs(4326).total_bounds
    x = (west + east) / 2
    line = {"type": "LineString", "coordinates": [[x, south - 1e-4], [x, north + 1e-4]]}
    body = {"action": "split", "parameters": {"code": FIRST, "along": line}, "force": True, "dry_run": True}
    answer = asking(Role.PLANNER).post(f"/v1/plans/{city.draft}/edits", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["grids"]) >= 2


def test_who_has_not_seen_the_newest_state_is_refused_and_told_what_changed(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    assert client.post(path, json=rename("甲"), headers={"If-Match": '"r0"'}).status_code == 200
    late = client.post(path, json=rename("乙"), headers={"If-Match": '"r0"'})
    assert (late.status_code, late.json()["type"]) == (412, "urn:gridplan:problem:precondition-failed")
    (changed,) = late.json()["changed"]
    assert (changed["action"], changed["author"], changed["grids"]) == ("rename", who(client), [FIRST])
    also = client.post(path, json=rename("乙", revision=0))
    assert (also.status_code, also.json()["changed"]) == (409, [changed])
    assert client.post(path, json=rename("乙", revision=1, dry_run=True)).status_code == 200
    assert client.post(path, json=rename("乙"), headers={"If-Match": '"other"'}).status_code == 412
    assert [edit.parameters["name"] for edit in city.store.edits(city.draft)] == ["甲"]


def test_planners_at_once_lose_no_edit(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    names = [f"第{number}次" for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda name: client.post(path, json=rename(name)), names))
    assert [answer.status_code for answer in answers] == [200] * len(names)
    assert sorted(edit.parameters["name"] for edit in city.store.edits(city.draft)) == sorted(names)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda name: client.post(path, json=rename(name, revision=6)), ["甲", "乙", "丙"]))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


def test_what_another_worker_saved_is_edited_next(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    assert client.post(path, json=rename("甲")).status_code == 200
    city.store.save_edits(city.draft, city.store.load(city.draft).lock(FIRST, author="王强"))
    refused = client.post(path, json=merge(dry_run=True))
    assert refused.status_code == 409
    assert f"locked: {FIRST}" in refused.json()["detail"]
    assert f"已锁定：{FIRST}" in refused.json()["detail_zh"]


def test_a_rule_that_breaks_is_refused_with_the_violations(asking: Asking, city: City) -> None:
    everything = [code for code in GRIDS if code.startswith(OUR_COMMUNITIES[0])]
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}/edits"
    body = merge(*everything, force=False, dry_run=True)
    refused = client.post(path, json=body)
    assert (refused.status_code, refused.json()["violations"][0]["rule"]) == (409, "band")
    assert client.post(path, json={**body, "force": True}).json()["edit"]["forced"] is True


WRONG: list[tuple[Any, str]] = [
    ({}, "action"),
    ({"action": "merge"}, "parameters"),
    ({"action": "burn", "parameters": {}}, "burn"),
    (merge("230718001001999", FIRST), "230718001001999"),
    (rename("a\x00b"), "NUL"),
    (rename("x", at="2026-01-01"), "at"),
    ({"action": "replan", "parameters": {"rules": {"minimun": 3}}}, "minimum"),
    ({"action": "replan", "parameters": {"rules": {"minimum": 10**30}}}, "numbers between"),
    ({"action": "split", "parameters": {"code": FIRST, "along": {"coordinates": [[1, 1]]}}}, "coordinates"),
]


def test_what_is_no_edit_is_told_what_was_expected(asking: Asking, city: City) -> None:
    client = asking(Role.PLANNER)
    for body, says in WRONG:
        answer = client.post(f"/v1/plans/{city.draft}/edits", json=body)
        assert answer.status_code == 400, answer.text
        assert says in answer.text


def test_a_planner_of_another_district_cannot_touch_it(asking: Asking, city: City) -> None:
    stranger = asking(Role.PLANNER, THEIRS)
    for path in (f"/v1/plans/{city.draft}/edits", "/v1/plans/nothing/edits"):
        answer = stranger.post(path, json=merge())
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:gridplan:problem:not-found")
    for step in ("submit", "approve", "discard", "publish", "send-back", "retire"):
        answer = stranger.post(f"/v1/plans/{city.draft}/{step}", json={"reason": "x"})
        assert answer.status_code == 404, step
    narrow = asking(Role.PLANNER, f"{OURS}001001")
    assert narrow.post("/v1/plans", json={"base": city.ours}).status_code == 403, "it plans more than the key sees"
    assert narrow.get(f"/v1/plans/{city.draft}/edits").status_code == 404


def test_from_the_plan_in_force_to_the_next_one(asking: Asking, city: City) -> None:
    client = asking(Role.PLANNER, OURS)
    begun = client.post("/v1/plans", json={"base": "in-force", "name": "三季度"})
    assert begun.status_code == 201, begun.text
    plan_id, draft = begun.json()["plan_id"], begun.json()
    assert (draft["state"], draft["name"], draft["scope"]) == ("draft", "三季度", city.store.info(city.ours).scope)
    path = f"/v1/plans/{plan_id}"
    assert begun.headers["location"] == path
    assert client.post(f"{path}/edits", json=rename("花园网格")).status_code == 200
    assert client.post(f"{path}/submit", json={"revision": 0}).status_code == 409, "edited since"
    assert client.post(f"{path}/submit", json={"reason": "请审"}).json()["state"] == "submitted"
    assert client.post(f"{path}/edits", json=rename("别名")).status_code == 409
    assert client.post(f"{path}/send-back", json={"reason": "再看"}).json()["state"] == "draft"
    assert client.post(f"{path}/submit").json()["state"] == "submitted"
    assert client.post(f"{path}/approve", json={"revision": 1}).json()["state"] == "approved"
    city.clock.forward(days=1)
    published = client.post(f"{path}/publish", json={"valid_from": "2026-11-03"}).json()
    assert (published["state"], published["in_force"]) == ("published", True)
    lon, lat = middle(our_plan(), 0)
    found = client.get("/v1/locate", params={"lon": lon, "lat": lat}).json()
    assert (found["plan_id"], found["name"]) == (plan_id, "花园网格"), "answered at once"
    events = [event["action"] for event in client.get(f"{path}/history").json()["events"]]
    assert events == ["save", "edit", "submit", "send_back", "submit", "approve", "publish"]
    assert client.post(f"{path}/publish").status_code == 409
    assert client.post(f"/v1/plans/{city.draft}/publish").status_code == 409, "somebody published since it was begun"
    assert client.post(f"/v1/plans/{city.draft}/discard", json={"reason": "旧"}).json()["state"] == "discarded"
    assert client.post(f"{path}/retire", json={"reason": "撤"}).json()["valid_to"] == "2026-11-03"


def test_the_grids_and_units_of_a_draft_are_read_while_it_is_edited(asking: Asking, city: City) -> None:
    client, path = asking(Role.PLANNER, OURS), f"/v1/plans/{city.draft}"
    plan = our_plan()
    whole = client.get(f"{path}/grids").json()
    assert [feature["id"] for feature in whole["features"]] == GRIDS
    units = client.get(f"{path}/units", params={"limit": 1000}).json()
    assert units["numberMatched"] == len(plan.units)
    assert sum(each["properties"]["households"] for each in units["features"]) == plan.units["households"].sum()
    mine = client.get(f"{path}/units", params={"community_code": OUR_COMMUNITIES[0], "limit": 1000}).json()
    assert 0 < mine["numberMatched"] < units["numberMatched"]
    lon, lat = middle(plan, 0)
    near = client.get(f"{path}/units", params={"bbox": f"{lon},{lat},{lon},{lat}"}).json()
    assert 1 <= near["numberMatched"] < 10
    seen, next_ = [], f"{path}/units?limit=7"
    while next_:
        page = client.get(next_).json()
        seen += [feature["id"] for feature in page["features"]]
        next_ = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == len(plan.units)
    client.post(f"{path}/edits", json=merge())
    after = client.get(f"{path}/grids", headers={"If-None-Match": '"r0"'})
    assert after.status_code == 200
    assert after.json()["revision"] == 1
    assert len(after.json()["features"]) == len(GRIDS) - 1
    tag = after.headers["etag"]
    assert client.get(f"{path}/grids", headers={"If-None-Match": tag}).status_code == 304
    assert {"rule", "grid_code", "reason"} <= set(client.get(f"{path}/violations").json()["violations"][0])
    assert asking(Role.VIEWER, OURS).get(f"{path}/grids").status_code == 403
