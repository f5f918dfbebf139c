"""``gridplan export``: what is approved, printed, posted and handed to other systems."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.options import BAD_INPUT, Lang, LangOption
from gridplan.cli.shelf import StoreOption, refusals_said

if TYPE_CHECKING:
    from gridplan.exports import Dossier
    from gridplan.plan import Plan

DAY = ["%Y-%m-%d"]


class Encoding(StrEnum):
    """Encodings of the shapefile."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"


class Paper(StrEnum):
    """Papers of the map sheets."""

    AUTO = "auto"
    A4 = "A4"
    A3 = "A3"


def export(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A plan file (.gpkg), or the id of a plan in the store.")],
    *,
    source: Annotated[
        Path | None, typer.Option("--source", help="Its source: names of streets, footprints, addresses.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", metavar="F.xlsx", help="Ledger (台账).")] = None,
    register: Annotated[
        Path | None, typer.Option("--register", metavar="F.xlsx", help="A form for each grid (登记表).")
    ] = None,
    changes: Annotated[
        Path | None, typer.Option("--changes", metavar="F.xlsx|F.csv", help="Buildings that change grid (变更清单).")
    ] = None,
    geojson: Annotated[Path | None, typer.Option("--geojson", metavar="F", help="Grids in WGS 84.")] = None,
    geopackage: Annotated[
        Path | None, typer.Option("--geopackage", metavar="F.gpkg", help="Grids and units in the plan's CRS.")
    ] = None,
    shapefile: Annotated[
        Path | None, typer.Option("--shapefile", metavar="DIR", help="Folder for grids.shp and its parts.")
    ] = None,
    sheets: Annotated[
        Path | None, typer.Option("--sheets", metavar="DIR", help="Folder for a map sheet per community, PDF and PNG.")
    ] = None,
    paper: Annotated[Paper, typer.Option("--paper", help="Paper of the map sheets.")] = Paper.AUTO,
    encoding: Annotated[Encoding, typer.Option("--encoding", help="Encoding of the shapefile.")] = Encoding.UTF8,
    community: Annotated[
        list[str] | None, typer.Option("--community", metavar="CODE", help="Only this one; repeatable.")
    ] = None,
    valid_from: Annotated[
        datetime | None, typer.Option("--valid-from", formats=DAY, metavar="DATE", help="First day in force.")
    ] = None,
    valid_to: Annotated[
        datetime | None, typer.Option("--valid-to", formats=DAY, metavar="DATE", help="First day no more in force.")
    ] = None,
    store: StoreOption = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """
    Write a plan's deliverables: ledger, forms, change list, map sheets, vector files.

    All that is asked for is written, or nothing is. Without --source, bounds (四至) are told by neighbouring grids
    alone. Exit 0 done, 2 bad input.
    """
    wanted: dict[str, Path | None] = {
        "ledger": ledger,
        "register": register,
        "changes": changes,
        "geojson": geojson,
        "geopackage": geopackage,
        "shapefile": shapefile,
        "sheets": sheets,
    }
    _check(wanted)
    with refusals_said(lang.value):
        from gridplan.exports import export_all

        days = (_day(valid_from), _day(valid_to))
        dossier = _dossier(plan, source, tuple(community or ()), days, store, lang.value)
        paths = {name: path for name, path in wanted.items() if path is not None}
        for path in export_all(dossier, paths, encoding=encoding.value, paper=paper.value):
            typer.echo(str(path))


SUFFIXES = {"ledger": (".xlsx",), "register": (".xlsx",), "changes": (".xlsx", ".csv"), "geopackage": (".gpkg",)}


def _check(wanted: dict[str, Path | None]) -> None:
    """Refuse at once what could not be written, all of it together."""
    wrong = [
        f"error: --{name} {path}: give it a name that ends in {' or '.join(SUFFIXES[name])}"
        for name, path in wanted.items()
        if path is not None and name in SUFFIXES and path.suffix.lower() not in SUFFIXES[name]
    ]
    if not any(wanted.values()):
        wrong = [f"error: nothing is asked for: give one or more of {', '.join(f'--{name}' for name in wanted)}"]
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(BAD_INPUT)


def _dossier(
    name: str,
    source: Path | None,
    communities: tuple[str, ...],
    days: tuple[date | None, date | None],
    store: str | None,
    lang: Any,
) -> Dossier:
    from gridplan.exports import Dossier
    from gridplan.sources import read_source

    plan, plan_id, known = _plan(name, store)
    district = None if source is None else read_source(source)
    since, until = days[0] or known[0], days[1] or known[1]
    return Dossier(plan, plan_id, date.today(), since, until, district, communities, lang)


def _plan(name: str, store: str | None) -> tuple[Plan, str, tuple[date | None, date | None]]:
    """Return a plan with its id and its days in force, from its file or from the store."""
    path = Path(name)
    if path.suffix.lower() == ".gpkg" or path.exists():
        from gridplan.plan import read_plan

        return read_plan(path), path.stem, (None, None)
    from gridplan.store import Store

    with Store.open(store) as opened:
        info = opened.info(name)
        return opened.load(info.plan_id), info.plan_id, (info.valid_from, info.valid_to)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
