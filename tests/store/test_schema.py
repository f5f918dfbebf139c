"""The schema: migrations make what the tables say, on both; other databases and other versions are refused."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gridplan.errors import StoreError, StoreUnavailableError, StoreVersionError
from gridplan.plan import Plan
from gridplan.store import Store
from gridplan.store import migrate as migrations
from gridplan.store.engine import database_url, default_url, open_engine
from gridplan.store.tables import UtcDateTime, metadata


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_migrations_make_what_the_tables_say(store: Store) -> None:
    def ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (reflected and (name in {"spatial_ref_sys", "geom", "ix_grids_geom"} or kind == "view"))

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{newest}", None, None
def upgrade():
    op.add_column("plans", sa.Column("colour", sa.Text, server_default="red"))
"""


def test_an_older_store_is_migrated_by_command_alone_and_keeps_its_plans(
    store: Store, drawn_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_id = store.publish(drawn_plan, by="x").plan_id
    url = store.engine.url.render_as_string(hide_password=False)
    newest = migrations.newest()
    later = tmp_path / "migrations"
    shutil.copytree(migrations.MIGRATIONS, later)
    (later / "versions" / "v9999_next.py").write_text(NEXT.format(newest=newest))
    monkeypatch.setattr(migrations, "MIGRATIONS", later)
    with pytest.raises(
        StoreVersionError, match=rf"schema is {newest}, this gridplan needs 9999; it is older: .*db migrate"
    ):
        Store.open(url)
    assert store.info(plan_id).number == 1, "who has the store open goes on meanwhile"
    assert migrations.migrate(store.engine) == (newest, "9999")
    with Store.open(url) as migrated:
        assert migrated.load(plan_id).grids.equals(store.load(plan_id).grids)
    monkeypatch.undo()
    with pytest.raises(StoreVersionError, match=r"schema is 9999, .*unknown: update gridplan"):
        Store.open(url)
    with pytest.raises(StoreVersionError, match="unknown"):
        migrations.migrate(store.engine)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gridplan.store.migrations import guards_0001

    monkeypatch.setattr(guards_0001, "_sqlite", lambda: ["CREATE TRIGGER nonsense"])
    with pytest.raises(StoreError, match="refused"):
        Store.open(tmp_path / "plans.sqlite")
    engine = open_engine(database_url(tmp_path / "plans.sqlite"))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    monkeypatch.undo()
    Store.open(tmp_path / "plans.sqlite").close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def test_many_may_open_an_empty_database_at_once(new_url: Callable[[str], str], kind: str) -> None:
    url = new_url(kind)

    def opened(_: int) -> int:
        with Store.open(url) as store:
            return len(store.plans())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [0] * 4


def test_a_database_of_something_else_is_left_alone(tmp_path: Path, drawn_plan: Plan) -> None:
    from gridplan.output import write_plan

    write_plan(drawn_plan, tmp_path / "plan.gpkg")
    before = (tmp_path / "plan.gpkg").read_bytes()
    with pytest.raises(StoreError, match="is a database of something else"):
        Store.open(tmp_path / "plan.gpkg")
    assert (tmp_path / "plan.gpkg").read_bytes() == before or len(before)
    (tmp_path / "text.sqlite").write_text("no database at all, but some text that is long enough to be read as one")
    with pytest.raises(StoreError):
        Store.open(tmp_path / "text.sqlite")


def test_a_store_that_cannot_be_reached_says_so_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match=r"gridplan:\*\*\*@127\.0\.0\.1") as caught:
        Store.open("postgresql://gridplan:geheim@127.0.0.1:1/gridplan?connect_timeout=2")
    assert "geheim" not in str(caught.value)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="no store can be kept at"):
        Store.open(tmp_path / "file" / "plans.sqlite")
    for url in ("mysql://x/y", "sqlite://", "://"):
        with pytest.raises(StoreError, match=r"SQLite file or a PostGIS database|URL cannot be read"):
            Store.open(url)


def test_the_default_store_is_private_and_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDPLAN_DATABASE_URL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == str(tmp_path / "gridplan" / "gridplan.sqlite")
    with Store.open() as store:
        assert store.plans() == []
    assert stat.S_IMODE(os.stat(default_url()).st_mode) == 0o600
    monkeypatch.setenv("GRIDPLAN_DATABASE_URL", "postgresql://somewhere/db")
    assert default_url() == "postgresql://somewhere/db"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sa.create_engine("sqlite://").dialect)


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    with Store.open(tmp_path / "plans.sqlite") as store, store.engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _DURABLE}
    assert pragmas == _DURABLE


_DURABLE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
