"""What all tests share: where the real districts lie, and that CI skips none of what it must run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CI = os.environ.get("CI") == "true"
# What a machine may lack and CI may not.
REQUIRED_IN_CI = ("real", "browser", "postgis")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the real districts (GRIDPLAN_DATA, or ../shared/data); skip where there is none."""
    folder = Path(os.environ.get("GRIDPLAN_DATA") or ROOT / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip(f"no real districts at {folder}; GRIDPLAN_DATA says where they are")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a skipped test of real data, of the browser or of PostGIS has failed: what it needs is missing."""
    report: pytest.TestReport = yield
    required = any(item.get_closest_marker(name) for name in REQUIRED_IN_CI)
    if CI and required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must run in CI but was skipped: {report.longrepr}"
    return report
