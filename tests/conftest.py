"""What all tests share: where the real districts lie, one browser, and that CI skips none of what it must run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

ROOT = Path(__file__).parents[1]
CI = os.environ.get("CI") == "true"
CHROMIUM = os.environ.get("GRIDPLAN_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POSTGIS = "GRIDPLAN_TEST_POSTGIS"
# What a machine may lack and CI may not.
REQUIRED_IN_CI = ("real", "browser", "postgis")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the real districts (GRIDPLAN_DATA, or ../shared/data); skip where there is none."""
    folder = Path(os.environ.get("GRIDPLAN_DATA") or ROOT / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip(f"no real districts at {folder}; GRIDPLAN_DATA says where they are")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return Debian's Chromium; one for all tests, for Playwright runs once in a process."""
    from maps import vendor

    if not CHROMIUM:
        pytest.skip("no Chromium: install Debian's chromium or set GRIDPLAN_CHROMIUM")
    if not vendor.is_complete():
        pytest.fail("maps/static/vendor is missing or changed; run: python -m maps.vendor")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[], str]]:
    """Return what makes an empty schema in the database that GRIDPLAN_TEST_POSTGIS names, and its URL."""
    named = os.environ.get(POSTGIS)
    if not named:
        pytest.skip(f"no PostGIS server; {POSTGIS} says where one is (scripts/postgis.sh start DIR)")
    url = sa.make_url(named)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    made: list[str] = []

    def create() -> str:
        made.append(f"gridplan_{uuid4().hex}")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {made[-1]}")
        own = url.update_query_dict({"options": f"-csearch_path={made[-1]},public"})
        return own.render_as_string(hide_password=False)

    yield create
    with engine.connect() as connection:
        # Each in a transaction of its own: a server's locks do not suffice for all tables of all schemas at once.
        for name in made:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a skipped test of real data, of the browser or of PostGIS has failed: what it needs is missing."""
    report: pytest.TestReport = yield
    required = any(item.get_closest_marker(name) for name in REQUIRED_IN_CI)
    if CI and required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must run in CI but was skipped: {report.longrepr}"
    return report
