"""``gridplan locate``: the grid of a point, of an address, of a whole table; and a score of the answers."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said
from gridplan.cli.options import Lang, LangOption
from gridplan.cli.shelf import StoreOption

if TYPE_CHECKING:
    from gridplan.locate.batch import Summary
    from gridplan.locate.within import Grounds
    from gridplan.locator import Locator


class DatumOption(StrEnum):
    """Datums of longitude and latitude."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class GrammarOption(StrEnum):
    """How addresses are written."""

    STANDARD = "standard"
    TAIWAN = "taiwan"
    WESTERN = "western"


def locate(
    *,
    lon: Annotated[float | None, typer.Option("--lon", help="Longitude in degrees, or east of --crs.")] = None,
    lat: Annotated[float | None, typer.Option("--lat", help="Latitude in degrees, or north of --crs.")] = None,
    address: Annotated[str | None, typer.Option("--address", metavar="TEXT", help="An address as typed.")] = None,
    table: Annotated[
        Path | None, typer.Option("--table", metavar="IN", help="A table of points or addresses: CSV, Parquet, Excel.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT", help="The table to write: .csv or .parquet.")
    ] = None,
    evaluate: Annotated[
        Path | None, typer.Option("--evaluate", metavar="LABELLED", help="Score labelled addresses (JSON lines, CSV).")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="PLAN.gpkg", help="The plan; the one in force by default.")
    ] = None,
    store: StoreOption = None,
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="Day on which the plan is in force.")] = None,
    datum: Annotated[DatumOption, typer.Option("--datum", help="Datum of the coordinates.")] = DatumOption.WGS84,
    crs: Annotated[
        str | None, typer.Option("--crs", help="CRS of the coordinates (EPSG:4549), or plan; instead of --datum.")
    ] = None,
    within_m: Annotated[
        float, typer.Option("--within-m", min=0.0, help="Metres outside the plan up to which the nearest grid counts.")
    ] = 5.0,
    addresses: Annotated[
        Path | None, typer.Option("--addresses", metavar="TABLE", help="The table of standard addresses.")
    ] = None,
    grammar: Annotated[
        GrammarOption | None, typer.Option("--grammar", help="How its addresses are written; found out by default.")
    ] = None,
    lon_column: Annotated[str | None, typer.Option("--lon-column", help="Column of longitudes in --table.")] = None,
    lat_column: Annotated[str | None, typer.Option("--lat-column", help="Column of latitudes in --table.")] = None,
    address_column: Annotated[
        str | None, typer.Option("--address-column", help="Column of addresses in --table.")
    ] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Tell which grid owns a point or an address, as JSON; or locate a whole table.

    Give one of --lon with --lat, --address, --table with -o, or --evaluate. Exit 0 when an answer was given, also
    where it is that no grid owns the place (grid_code is null and status says why); 2 for bad input or usage.
    """
    with faults_said(lang.value):
        _one_question(lon, lat, address, table, output, evaluate)
        columns = {"lon": lon_column, "lat": lat_column, "address": address_column}
        if lon is not None and lat is not None:
            grounds = _grounds(plan, store, at, within_m)
            found = grounds.locate(lon, lat, datum=datum.value, crs=crs)
            _say(found.to_dict())
        elif address is not None:
            _say(_locator(addresses, grammar, plan, store, at).match(address).to_dict())
        elif evaluate is not None:
            _evaluate(_locator(addresses, grammar, plan, store, at), evaluate)
        elif table is not None and output is not None:
            if address_column is not None or (addresses is not None and lon_column is None):
                locator = _locator(addresses, grammar, plan, store, at)
                _addresses_of(table, output, locator, columns)
            else:
                _points_of(table, output, _grounds(plan, store, at, within_m), columns, datum.value, crs, lang.value)


def _one_question(
    lon: float | None,
    lat: float | None,
    address: str | None,
    table: Path | None,
    output: Path | None,
    evaluate: Path | None,
) -> None:
    from gridplan.errors import LocateError

    asked = [lon is not None or lat is not None, address is not None, table is not None, evaluate is not None]
    if sum(asked) != 1:
        msg = "expected one of --lon with --lat, --address, --table, --evaluate; see gridplan locate --help."
        raise LocateError(msg)
    if (lon is None) != (lat is None):
        msg = "expected --lon and --lat together; found one of them."
        raise LocateError(msg)
    if (table is None) != (output is None):
        msg = "expected --table IN together with -o OUT; found one of them."
        raise LocateError(msg)


def _grounds(plan: Path | None, store: str | None, at: str | None, within_m: float) -> Grounds:
    """Return the grids to ask: a file's, or those of the plans in force in the store."""
    from gridplan.locate.within import of_file, of_store

    return of_store(store, at, within_m=within_m) if plan is None else of_file(plan, at, within_m=within_m)


def _locator(
    addresses: Path | None,
    grammar: GrammarOption | None,
    plan: Path | None,
    store: str | None,
    at: str | None,
) -> Locator:
    """Return the table of addresses, its rows in the grids of the plan where one is given or in force."""
    from gridplan.errors import LocateError
    from gridplan.locate.within import frame_of
    from gridplan.locator import Locator

    if addresses is None:
        msg = "expected --addresses TABLE, the standard addresses to look in; found none."
        raise LocateError(msg)
    found = frame_of(plan, store, at)
    locator = Locator.from_table(addresses, grammar=None if grammar is None else grammar.value, plan=found)
    for remark in locator.remarks:
        typer.echo(remark, err=True)
    return locator


def _evaluate(locator: Locator, labelled: Path) -> None:
    from gridplan.locate.evaluate import evaluate, read_labels

    _say(evaluate(locator.matcher, read_labels(labelled)))


def _points_of(
    table: Path, output: Path, grounds: Grounds, columns: dict[str, str | None], datum: str, crs: str | None, lang: Any
) -> None:
    from gridplan.cli.rows import bar
    from gridplan.locate.batch import locate_points

    def many(lon: Any, lat: Any) -> Any:
        return grounds.locate_many(lon, lat, datum=datum, crs=crs)

    with bar() as progress:
        summary = locate_points(table, output, many, columns=columns, progress=progress)
    if summary.swapped:
        typer.echo(_SWAPPED[lang].format(**summary.columns), err=True)
    _say_summary(summary, output)


_SWAPPED = {
    "en": "warning: most points lie in the plan once longitude and latitude change places; "
    "try --lon-column {lat} --lat-column {lon}",
    "zh": "警告：多数点在对调经纬度后才落入方案范围；可改用 --lon-column {lat} --lat-column {lon}",
}


def _addresses_of(table: Path, output: Path, locator: Locator, columns: dict[str, str | None]) -> None:
    from gridplan.cli.rows import bar
    from gridplan.locate.batch import match_addresses

    with bar() as progress:
        summary = match_addresses(table, output, locator.match_many, columns=columns, progress=progress)
    _say_summary(summary, output)


def _say_summary(summary: Summary, output: Path) -> None:
    _say({"rows": summary.rows, "statuses": summary.statuses, "columns": summary.columns, "output": str(output)})


def _say(values: Any) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
