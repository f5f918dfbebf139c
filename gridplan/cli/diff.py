"""``gridplan diff``: what became of the grids of one plan in another."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.options import BAD_INPUT, Lang, LangOption, MapOption

if TYPE_CHECKING:
    import pandas as pd

    from gridplan.diff import PlanDiff

TABLES = (".csv", ".xlsx")
MOST_LISTED = 40


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="The old plan (.gpkg, its report beside it).")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The new plan.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F.csv|F.xlsx", help="Write every old-new pair as a table.")
    ] = None,
    buildings: Annotated[
        Path | None, typer.Option("--buildings", metavar="F.csv|F.xlsx", help="Write who moves where, by building.")
    ] = None,
    map_path: MapOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with every pair.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Say which grids of plan A became which of plan B, with households and shares.

    Every pair of an old and a new grid is unchanged, changed, split, merged, new or retired; the households of the
    pairs add up to both plans. Buildings meet by id. Exit 0 done, 2 bad input.
    """
    from gridplan.diff import diff_plans
    from gridplan.errors import GridplanError
    from gridplan.plan import read_plan

    try:
        _require_tables(output, buildings)
        found = diff_plans(read_plan(old), read_plan(new))
        for path, frame in ((output, found.pairs), (buildings, found.moved)):
            if path is not None:
                _write_table(frame, path)
        if map_path is not None:
            _write_map(found, map_path, f"{old.stem} → {new.stem}", lang.value)
    except (GridplanError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    typer.echo(json.dumps(found.to_dict(), ensure_ascii=False) if as_json else "\n".join(_lines(found, lang.value)))


def _require_tables(*paths: Path | None) -> None:
    for path in paths:
        if path is not None and path.suffix.lower() not in TABLES:
            typer.echo(f"error: {path}: a table is written as {' or '.join(TABLES)}", err=True)
            raise typer.Exit(BAD_INPUT)


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table; codes stay text, and a text that looks like a formula stays text too."""
    from gridplan.spreadsheets import harmless

    safe = frame.map(harmless)
    if path.suffix.lower() == ".csv":
        _whole(path, lambda draft: safe.to_csv(draft, index=False, encoding="utf-8-sig"))
    else:
        _whole(path, lambda draft: safe.to_excel(draft, index=False))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name in its folder and move it into place: complete, or not at all."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory(prefix=".gridplan-", dir=path.absolute().parent) as folder:
        draft = Path(folder) / path.name
        write(draft)
        os.replace(draft, path)


def _write_map(found: PlanDiff, path: Path, title: str, lang: Any) -> None:
    from maps import diff_page

    page = diff_page(found, title=title, lang=lang)
    _whole(path, lambda draft: draft.write_text(page, encoding="utf-8"))


def _lines(found: PlanDiff, lang: str) -> list[str]:
    rows = found.pairs[found.pairs["change"] != "unchanged"].sort_values("households", ascending=False, kind="stable")
    names = ("old_code", "new_code", "change", "households", "old_share")
    columns = [rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in names]
    lines = [_line(*row, lang=lang) for row in list(zip(*columns, strict=True))[:MOST_LISTED]]
    more = len(rows) - len(lines)
    return [*found.lines(lang), *lines, *([f"  … +{more}"] if more else [])]


def _line(old: str | None, new: str | None, change: str, households: int, share: float | None, *, lang: str) -> str:
    from gridplan.words import grouped, word

    part = "" if share is None else f"  ({share:.0%})"
    return f"  {old or '–'} → {new or '–'}  {word(f'change.{change}', lang)}  {grouped(households)}{part}"
