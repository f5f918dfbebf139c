"""What commands share: rules from source and file, faults said in the planner's language, nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridplan.cli.options import BAD_INPUT

if TYPE_CHECKING:
    from gridplan.district import District
    from gridplan.rules import Rules

INTERRUPTED = 130


@contextmanager
def faults_said(lang: Any) -> Iterator[None]:
    """
    Say on standard error what refuses the run, and end with code 2; 130 after Ctrl-C.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.
    """
    from gridplan.errors import GridplanError, InputError

    try:
        yield
    except InputError as error:
        for fault in error.faults:
            typer.echo(fault.text(lang), err=True)
        raise typer.Exit(BAD_INPUT) from error
    except (GridplanError, OSError) as error:
        typer.echo(f"{'错误' if lang == 'zh' else 'error'}: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        typer.echo("interrupted: nothing was written / 已中断，未写任何文件", err=True)
        raise typer.Exit(INTERRUPTED) from error


def require_geopackage(output: Path, *others: Path | None) -> None:
    """Refuse at once what could not be written after the work is done."""
    if output.suffix.lower() != ".gpkg":
        typer.echo(f"error: {output}: expected a GeoPackage; give it a name that ends in .gpkg", err=True)
        raise typer.Exit(BAD_INPUT)
    for path in (output, *others):
        if path is not None and not path.absolute().parent.is_dir():
            typer.echo(f"error: {path}: the folder {path.absolute().parent} does not exist; make it first", err=True)
            raise typer.Exit(BAD_INPUT)


def rules_of(district: District, rules_file: Path | None, seed: int | None) -> Rules:
    """Return the rules of a source; a file's keys go before them, a seed before both."""
    from dataclasses import replace

    from gridplan.rules import read_rules, rules_from

    rules = rules_from(district.rules)
    if rules_file is not None:
        rules = read_rules(rules_file, base=rules)
    return rules if seed is None else replace(rules, seed=seed)
