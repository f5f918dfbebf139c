"""Stores on both databases, and the plan that most tests keep in them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

# Drawn districts are shared with the tests of the library.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from stored import Clock, draw

from gridplan.plan import Plan
from gridplan.store import Store

BOTH = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def drawn_plan() -> Plan:
    return draw()


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Return the URL of an empty store of a kind."""

    def url(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / uuid4().hex}.sqlite"
        return str(request.getfixturevalue("server")())

    return url


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, new_url: Callable[[str], str], clock: Clock) -> Iterator[Store]:
    """Return an empty store, on either database."""
    with Store.open(new_url(request.param), clock=clock) as opened:
        yield opened
