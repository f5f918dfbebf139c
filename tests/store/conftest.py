"""Stores on both databases, and the plan that most tests keep in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

# Drawn districts are shared with the tests of the library.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from stored import Clock, draw

from gridplan.plan import Plan
from gridplan.store import Store

POSTGIS = "GRIDPLAN_TEST_POSTGIS"
BOTH = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def drawn_plan() -> Plan:
    return draw()


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[], str]]:
    """Return what makes an empty schema in the database that GRIDPLAN_TEST_POSTGIS names, and its URL."""
    named = os.environ.get(POSTGIS)
    if not named:
        pytest.skip(f"no PostGIS server; {POSTGIS} says where one is (scripts/postgis.sh start DIR)")
    url = sa.make_url(named)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    made: list[str] = []

    def create() -> str:
        made.append(f"gridplan_{uuid4().hex}")
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {made[-1]}")
        own = url.update_query_dict({"options": f"-csearch_path={made[-1]},public"})
        return own.render_as_string(hide_password=False)

    yield create
    with engine.begin() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


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
