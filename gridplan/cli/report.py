"""``gridplan report``: the morning report as a document to print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridplan.cli import findings, shelf
from gridplan.cli.options import BAD_INPUT, FirstOption, HandlingOption, Lang, LangOption, LastOption


def report(
    *,
    first: FirstOption,
    last: LastOption,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="F.pdf", help="Document to write.", show_default=False)
    ],
    title: Annotated[str | None, typer.Option("--title", help="Heading.")] = None,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """
    Write the incidents of a period as a document to print: sums, a map by grid, a table with every rate's counts.

    What rose beyond chance and where it gathers is said. No personal data is in it. Exit 0 done, 2 bad input.
    """
    if output.suffix.lower() != ".pdf":
        typer.echo(f"error: -o {output}: give it a name that ends in .pdf / 文件名须以 .pdf 结尾", err=True)
        raise typer.Exit(BAD_INPUT)
    with shelf.opened(store, lang.value) as opened:
        from datetime import date

        from gridplan.exports.together import together
        from gridplan.incidents.briefing import write_briefing
        from gridplan.incidents.handling import read_handling
        from gridplan.incidents.store.grounds import ground_in_force
        from gridplan.incidents.store.numbers import numbers

        rules, days = read_handling(handling), (first.date(), last.date())
        ground = ground_in_force(opened, scope=scope)
        district, by_grid = (
            numbers(opened, rules, days, level=level, scope=scope, ground=ground).summary for level in ("all", "grid")
        )
        remarks = findings.remarks(opened, rules, days, scope, ground, lang.value)
        flat = ground.grids.to_crs(ground.grids.estimate_utm_crs())
        with together() as files:
            pages = write_briefing(
                files.draft(output),
                district,
                by_grid,
                flat,
                made_on=date.today(),
                title=title,
                remarks=remarks,
                lang=lang.value,
            )
    typer.echo(f"{output}: {pages} {'页' if lang is Lang.ZH else 'pages'}")
