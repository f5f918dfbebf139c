"""What the tests of incidents share with those of the library and of the store: stores on both databases."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "gridplan"))

from stored import Clock, draw

from gridplan.store import Store

POSTGIS = "GRIDPLAN_TEST_POSTGIS"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite store with the drawn plan in force."""
    folder = tmp_path_factory.mktemp("template")
    with Store.open(folder / "plans.sqlite", clock=Clock()) as made:
        made.publish(draw(), by="王强")
        made.backup(folder / "backup.sqlite")
    return folder / "backup.sqlite"


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """Return a store, on either database; a SQLite one has the drawn plan in force."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "plans.sqlite")
        with Store.open(tmp_path / "plans.sqlite", clock=clock) as opened:
            yield opened
        return
    named = os.environ.get(POSTGIS)
    if not named:
        pytest.skip(f"no PostGIS server; {POSTGIS} says where one is (scripts/postgis.sh start DIR)")
    url = sa.make_url(named)
    engine, schema = sa.create_engine(url.set(drivername="postgresql+psycopg")), f"gridplan_{uuid4().hex}"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    own = url.update_query_dict({"options": f"-csearch_path={schema},public"})
    with Store.open(own.render_as_string(hide_password=False), clock=clock) as opened:
        yield opened
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()
