"""``gridplan serve``: the HTTP service over the store; it stops when asked to, after its last answers."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import Lang, LangOption

if TYPE_CHECKING:
    from gridplan.store.keys import Key

# Seconds that answers under way have when the service is asked to stop.
GRACE_S = 20
# Seconds between two tries to reach a store that does not answer yet.
AGAIN_S = 2
_WAITING = {"en": "serving without it: not ready until it answers", "zh": "先行启动，待数据库可用后就绪"}


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    addresses: Annotated[
        Path | None, typer.Option("--addresses", metavar="TABLE", help="The table of standard addresses.")
    ] = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Serve the plans in force over HTTP: which grid owns a point or an address, grids, plans and their differences.

    The first run prints an admin's key, once; gridplan keys makes others. Every setting is also a variable of the
    environment (GRIDPLAN_DATABASE_URL, GRIDPLAN_ADDRESSES, ...). Ctrl-C or SIGTERM stops it after its last answers.
    """
    _check_handling(lang.value)
    _make_first(store, lang.value)
    given = {"GRIDPLAN_DATABASE_URL": store, "GRIDPLAN_ADDRESSES": addresses}
    # Workers are processes of their own, which read their settings from the environment.
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    with _counted_together(workers):
        import uvicorn

        from api.logs import log_config

        uvicorn.run(
            "api.app:create_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_config=log_config(os.environ.get("GRIDPLAN_LOG_LEVEL", "info")),
            access_log=False,  # its lines would hold coordinates and addresses
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )


def _check_handling(lang: Any) -> None:
    """Refuse a wrong file of the operator's here, once, and not in each worker that would be begun again."""
    with shelf.refusals_said(lang):
        if named := os.environ.get("GRIDPLAN_HANDLING"):
            from gridplan.incidents.handling import read_handling

            read_handling(Path(named))


@contextmanager
def _counted_together(workers: int) -> Iterator[None]:
    """Let several workers count in one folder, so that each answers the sums of all; it goes when they end."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="gridplan-counts-") as folder:
        # Read when the workers' processes begin; this one counts nothing.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _make_first(store: str | None, lang: Any) -> None:
    """Make the first key and say it; where the store does not answer yet, when it does."""
    from gridplan.errors import StoreUnavailableError

    with shelf.refusals_said(lang):
        try:
            _say_first(_first(store), lang)
        except StoreUnavailableError as error:
            typer.echo(f"{error}\n{_WAITING[lang]}", err=True)
            threading.Thread(target=_keep_trying, args=(store, lang), daemon=True).start()


def _keep_trying(store: str | None, lang: Any) -> None:
    from gridplan.errors import GridplanError

    while True:
        time.sleep(AGAIN_S)
        with suppress(GridplanError):
            return _say_first(_first(store), lang)


def _first(store: str | None) -> tuple[Key, str] | None:
    from gridplan.store import Store
    from gridplan.store.keys import Keys

    with Store.open(store) as opened:
        return Keys(opened.engine).create_first(by=shelf.person(None))


def _say_first(made: tuple[Key, str] | None, lang: Any) -> None:
    if made is None:
        return
    said = {
        "en": f"the first key, of an admin, shown this once: {made[1]}",
        "zh": f"首个管理员密钥，仅显示这一次：{made[1]}",
    }
    typer.echo(said[lang])
