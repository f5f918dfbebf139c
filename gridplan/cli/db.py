"""``gridplan db``: the store's schema, backups, and whether all of it is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridplan.cli import shelf
from gridplan.cli.options import Lang, LangOption

db = typer.Typer(
    name="db",
    help="The store's database: bring it to this version, back it up, restore it, verify it.",
    no_args_is_help=True,
)


@db.command("migrate")
def migrate(*, store: shelf.StoreOption = None, lang: LangOption = Lang.EN) -> None:
    """Bring the store to this gridplan's schema, whole or not at all; make its tables where it is empty."""
    with shelf.refusals_said(lang.value):
        from gridplan.store.engine import database_url, default_url, open_engine
        from gridplan.store.migrate import migrate as bring

        engine = open_engine(database_url(store or default_url()))
        try:
            before, after = bring(engine)
        finally:
            engine.dispose()
    said = {"en": f"schema {before or '-'} -> {after}", "zh": f"数据库版本 {before or '-'} → {after}"}
    typer.echo(f"{engine.url.render_as_string(hide_password=True)}: {said[lang.value]}")


@db.command("backup")
def backup(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File to write; one of that name is replaced.")],
    *,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write the whole store, as it is at one moment, to a file that either database takes back; others may write."""
    with shelf.opened(store, lang.value) as opened:
        opened.backup(path)
        count = len(opened.plans())
    typer.echo({"en": f"{path}: {count} plans", "zh": f"{path}：{count} 个方案"}[lang.value])


@db.command("restore")
def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A file that gridplan db backup wrote.")],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Lose what the store holds now.")] = False,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Make the store what it was when a backup was made; refused where it holds plans, unless --overwrite."""
    with shelf.opened(store, lang.value) as opened:
        opened.restore(path, overwrite=overwrite, by=shelf.person(by))
        count = len(opened.plans())
    typer.echo({"en": f"restored {count} plans", "zh": f"已恢复 {count} 个方案"}[lang.value])


@db.command("sweep")
def sweep(
    *,
    days: Annotated[
        int, typer.Option("--days", min=0, help="Plans discarded less than this many days ago stay readable.")
    ] = 30,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Let go of the content of discarded plans.

    Who made, edited and discarded them, and when, stays; so does whatever a draft or a published plan is made of.
    """
    with shelf.opened(store, lang.value) as opened:
        found = opened.sweep(by=shelf.person(by), days=days, reason=reason)
    plans, size = len(found.plans), f"{found.size / 1e6:.1f} MB"
    said = {
        "en": f"{plans} discarded plans, {found.chunks} chunks, {size}",
        "zh": f"已放弃的方案 {plans} 个，数据块 {found.chunks} 个，{size}",
    }
    typer.echo(said[lang.value])


@db.command("verify")
def verify(*, store: shelf.StoreOption = None, lang: LangOption = Lang.EN) -> None:
    """Read all of the store and compare it with its digests."""
    with shelf.opened(store, lang.value) as opened:
        count = opened.verify()
    typer.echo({"en": f"{count} chunks are what was written", "zh": f"{count} 个数据块与写入时一致"}[lang.value])
