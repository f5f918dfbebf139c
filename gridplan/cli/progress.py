"""Progress by community on a terminal; silence where the output is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridplan.run import Progress

TEXTS = {"zh": "社区", "en": "communities"}


@contextmanager
def bar(total: int, lang: str) -> Iterator[Progress]:
    """
    Show a bar on standard error while communities are planned.

    Parameters
    ----------
    total
        Number of communities.
    lang
        ``zh`` or ``en``.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(TEXTS[lang]),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[code]}"),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=total, code="")

        def advance(done: int, total: int, code: str) -> None:
            shown.update(task, completed=done, total=total, code=code)

        yield advance
