"""``gridplan check``: all faults of a source at once, as text or JSON, and the source in the contract's own shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridplan.cli.options import BAD_INPUT, AcceptOption, EstimateOption, Lang, LangOption, SourceArgument

if TYPE_CHECKING:
    from gridplan.catalogue import Language


def check(
    source: SourceArgument,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with every field.")] = False,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    write_to: Annotated[
        Path | None,
        typer.Option("--write-source", metavar="F.gpkg", help="Write the source in gridplan's own shape."),
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Check a source and report all its faults; exit 0 where it can be planned, 2 where not.

    Nothing is written unless --write-source is given and the source has no error.
    """
    from gridplan.sources import check_source, write_source

    language: Language = lang.value
    report = check_source(source, accept=accept or (), estimate=estimate)
    if report.district is not None and write_to is not None:
        try:
            write_source(report.district, write_to)
        except OSError as error:
            typer.echo(f"{write_to}: {error.strerror or error}", err=True)
            raise typer.Exit(BAD_INPUT) from error
    typer.echo(json.dumps(report.to_dict(language), ensure_ascii=False, indent=2) if as_json else report.text(language))
    if not report.ok:
        raise typer.Exit(BAD_INPUT)
