"""``gridplan serve``: the HTTP service over the store; it stops when asked to, after its last answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.check import Lang

if TYPE_CHECKING:
    from gridplan.store.keys import Key

# Seconds that answers under way have when the service is asked to stop.
GRACE_S = 20


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    addresses: Annotated[
        Path | None, typer.Option("--addresses", metavar="TABLE", help="The table of standard addresses.")
    ] = None,
    store: shelf.StoreOption = None,
    lang: shelf.LangOption = Lang.EN,
) -> None:
    """
    Serve the plans in force over HTTP: which grid owns a point or an address, grids, plans and their differences.

    The first run prints an admin's key, once; gridplan keys makes others. Every setting is also a variable of the
    environment (GRIDPLAN_DATABASE_URL, GRIDPLAN_ADDRESSES, ...). Ctrl-C or SIGTERM stops it after its last answers.
    """
    import uvicorn

    with shelf.opened(store, lang.value) as opened:
        from gridplan.store.keys import Keys

        _say_first(Keys(opened.engine).create_first(by=shelf.person(None)), lang.value)
    given = {"GRIDPLAN_DATABASE_URL": store, "GRIDPLAN_ADDRESSES": addresses}
    # Workers are processes of their own, which read their settings from the environment.
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # its lines would hold coordinates and addresses
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def _say_first(made: tuple[Key, str] | None, lang: Any) -> None:
    if made is None:
        return
    said = {
        "en": f"the first key, of an admin, shown this once: {made[1]}",
        "zh": f"首个管理员密钥，仅显示这一次：{made[1]}",
    }
    typer.echo(said[lang])
