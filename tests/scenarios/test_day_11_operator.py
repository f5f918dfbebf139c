"""
Day 11, the operator (command line).

Two workers; restore last night's backup onto another machine; upgrade with a migration while lookups go on; pull the
plug during a publication and find nothing lost; verify the audit log. Both databases. That a bare server without a
network installs, upgrades and rolls back is shown by ``scripts/try_bundle.sh``, which needs the archive and root.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pytest

from gridplan.store import migrate as migrations

from .conftest import ON_BOTH, Run, made_key
from .service import Service, serving

# The next version of gridplan: this one with one more migration.
NEXT = """
import pathlib
from gridplan.store import migrate
migrate.MIGRATIONS = pathlib.Path({folder!r})
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", {newest!r}, None, None
def upgrade():
    op.add_column("plans", sa.Column("colour", sa.Text, server_default="red"))
"""
# Whoever pulls the plug: the process dies before a statement of the publication, or before its commit.
PLUG = """
import os, signal
import sqlalchemy as sa
published = False
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def pull(connection, cursor, statement, *more):
    global published
    published |= "INSERT INTO publications" in statement
    if {word!r} in statement:
        os.kill(os.getpid(), signal.SIGKILL)
@sa.event.listens_for(sa.Engine, "commit")
def pull_at_commit(connection):
    if published:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def next_version(tmp_path: Path) -> str:
    """Return what makes a process the next version of gridplan."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.MIGRATIONS, folder)
    text = MIGRATION.format(newest=migrations.newest())
    (folder / "versions" / "v9999_next.py").write_text(text, encoding="utf-8")
    return NEXT.format(folder=str(folder))


@contextmanager
def looking_up(service: Service, path: str, key: str) -> Iterator[Counter[tuple[int, str]]]:
    """Look one place up five times a second until the block ends; count statuses and grids."""
    found: Counter[tuple[int, str]] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answer = service.ask(path, key=key)
            found[answer.status, answer.body["grid_code"]] += 1
            over.wait(0.2)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@ON_BOTH
def test_day_11(
    office_plan: Path, gridplan_command: Run, next_version: str, store_url: str, tmp_path: Path, papers: Path
) -> None:
    grids = gpd.read_file(office_plan, layer="grids").to_crs("EPSG:4326")
    point, code = grids.representative_point().iloc[0], grids["grid_code"].iloc[0]
    here = f"/v1/locate?lon={point.x}&lat={point.y}"
    gridplan_command("db", "migrate")
    gridplan_command("publish", office_plan, "--by", "王强")
    with serving(tmp_path, "--workers", "2", database_url=store_url) as service:
        key = made_key(gridplan_command, "viewer", "监控")
        assert "\ngridplan_ready 2.0" in service.ask("/metrics").body.decode(), "two workers, both ready"

        last_night(gridplan_command, f"sqlite:///{tmp_path / 'elsewhere.sqlite'}", (point.x, point.y), code)

        # The plug, three times: what was in force is, nothing is half there, and lookups go on.
        gridplan_command("plans", "write", in_force(gridplan_command), "-o", "next.gpkg", "--begin")
        gridplan_command("edit", "next.gpkg", "-o", "next.gpkg", "--edits", renamed(tmp_path, code), "--by", "李娜")
        with looking_up(service, here, key) as answers:
            for word in ("INSERT INTO publications", "INSERT INTO codes", "nothing: at commit"):
                gridplan_command("publish", "next.gpkg", "--by", "王强", code=-9, before=PLUG.format(word=word))
                assert names(service, code) == [grids["name"].iloc[0]], word
            gridplan_command("db", "verify")
            gridplan_command("audit", "verify")
            gridplan_command("publish", "next.gpkg", "--by", "王强")
        assert set(answers) == {(200, code)}

        # The next version: refused until the store is migrated, and lookups go on while it is.
        refused = gridplan_command("plans", "list", before=next_version, code=2)
        assert "db migrate" in refused.stderr
        with looking_up(service, here, key) as answers:
            told = gridplan_command("db", "migrate", before=next_version).stdout
        assert re.search(r"\d+ -> 9999", told), told
        assert set(answers) == {(200, code)}
        assert answers.total() > 2
    with serving(tmp_path, before=next_version, database_url=store_url) as service:
        assert service.ask(here, key=key).body["grid_code"] == code
        assert names(service, code, key) == ["河畔网格"]
    gridplan_command("audit", "verify", before=next_version)
    log = gridplan_command("audit", "list", "--json", before=next_version).stdout
    (papers / "audit.json").write_text(log, encoding="utf-8")


def last_night(run: Run, elsewhere: str, at: tuple[float, float], code: str) -> None:
    """Back up, restore onto another machine, and find there what is here."""
    run("db", "backup", "night.sqlite")
    run("audit", "verify", "--anchor", "anchor.json")
    run("db", "restore", "night.sqlite", "--store", elsewhere, "--by", "值班员")
    run("audit", "verify", "--store", elsewhere)
    for command in (("plans", "list"), ("keys", "list")):
        here, there = (json.loads(run(*command, "--json", *more).stdout) for more in ((), ("--store", elsewhere)))
        assert here == there, command
    found = run("locate", "--lon", at[0], "--lat", at[1], "--store", elsewhere)
    assert json.loads(found.stdout)["grid_code"] == code


def in_force(run: Run) -> str:
    """Return the id of the plan in force."""
    [plan] = json.loads(run("plans", "in-force", "--json").stdout)
    return str(plan["plan_id"])


def renamed(folder: Path, code: str) -> str:
    """Write the edit that the next plan has."""
    edit = {"action": "rename", "parameters": {"code": code, "name": "河畔网格"}}
    (folder / "edits.json").write_text(json.dumps([edit]), encoding="utf-8")
    return "edits.json"


def names(service: Service, code: str, key: str | None = None) -> list[str]:
    """Return the names under which a grid is in force: one."""
    found = service.ask(f"/v1/grids?community_code={code[:12]}", key=key).body["features"]
    return [each["properties"]["name"] for each in found if each["properties"]["grid_code"] == code]
