"""``gridplan keys``: who may ask the service, for what, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import Lang, LangOption

if TYPE_CHECKING:
    from gridplan.store.keys import Key

keys = typer.Typer(name="keys", help="Keys to the service: make, list and revoke them.", no_args_is_help=True)


class RoleOption(StrEnum):
    """Roles, each with all that those before it may do."""

    VIEWER = "viewer"
    DISPATCHER = "dispatcher"
    PLANNER = "planner"
    ADMIN = "admin"


@keys.command("create")
def create(
    *,
    role: Annotated[RoleOption, typer.Option("--role", help="What it may do.")] = RoleOption.VIEWER,
    scope: Annotated[str, typer.Option("--scope", metavar="PREFIX", help="It sees codes that begin so alone.")] = "",
    name: Annotated[str, typer.Option("--name", help="Whom or what it is for.")] = "",
    days: Annotated[int | None, typer.Option("--days", min=1, max=36500, help="Days until it expires.")] = None,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Make a key and print it, once: the store keeps its hash alone."""
    with shelf.opened(store, lang.value) as opened:
        from datetime import timedelta

        from gridplan.store.keys import Keys, Role

        end = None if days is None else datetime.now(UTC) + timedelta(days=days)
        ring = Keys(opened.engine)
        _, secret = ring.create(by=shelf.person(by), role=Role(role.value), scope=scope, name=name, expires_at=end)
    typer.echo(secret)


@keys.command("list")
def list_(*, as_json: shelf.JsonOption = False, store: shelf.StoreOption = None, lang: LangOption = Lang.EN) -> None:
    """List all keys by their beginning: role, scope, whether they open anything, whom they are for."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.store.keys import Keys

        found = Keys(opened.engine).all()
    if as_json:
        shelf.said([{name: value for name, value in shelf.plain(key).items() if name != "digest"} for key in found])
        return
    for key in found:
        typer.echo(_row(key, lang.value))


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The beginning of the key, as `list` shows it.")],
    *,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Revoke a key for ever; running services refuse it within a second or so."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.store.keys import Keys

        key = Keys(opened.engine).revoke(key_id, by=shelf.person(by))
    typer.echo({"en": f"revoked {key.key_id}", "zh": f"已吊销 {key.key_id}"}[lang.value])


def _row(key: Key, lang: Any) -> str:
    from gridplan.words import word

    known = "revoked" if key.revoked_at else "valid" if key.valid(datetime.now(UTC)) else "expired"
    state = word(f"key.{known}", lang)
    end = "-" if key.expires_at is None else key.expires_at.date().isoformat()
    return "  ".join([key.key_id, key.role.value, key.scope or "*", state, end, key.created_by, key.name])
