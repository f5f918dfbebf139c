"""Stores on both databases with a draft in them, and jobs for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

# Drawn districts and clocks are shared with the tests of the library and of the store.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from stored import Clock, draw

from gridplan.jobs import Job, Jobs, Kind
from gridplan.plan import Plan
from gridplan.store import Store

SCOPE = "230718001"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def drawn_plan() -> Plan:
    return draw()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / f"{uuid4().hex}.sqlite") as opened:
        yield opened


@pytest.fixture
def draft(store: Store, drawn_plan: Plan) -> str:
    """Return the id of a draft in the store."""
    return store.save_draft(drawn_plan, author="李娜").plan_id


@pytest.fixture
def asked(store: Store, draft: str) -> Callable[..., Job]:
    """Return what asks for the draft to be cut anew."""

    def ask(**request: object) -> Job:
        wanted = {"plan_id": draft, "rules": {"minimum": 200, "maximum": 400, "target": 300}, "effort": "quick"}
        limit_s = float(str(request.pop("limit_s", 600)))
        return Jobs(store.engine).add(
            Kind.REPLAN, scope=SCOPE, holds=[SCOPE], request={**wanted, **request}, by="李娜", limit_s=limit_s
        )

    return ask
