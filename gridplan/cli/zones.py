"""``gridplan zones``: whole towns or communities joined into a set number of areas of even weight and short ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said, require_geopackage, rules_of
from gridplan.cli.options import AcceptOption, Lang, LangOption

if TYPE_CHECKING:
    import geopandas as gpd

    from gridplan.levels.zones import Zones


def zones(
    source: Annotated[
        Path, typer.Argument(help="A source of gridplan, whose communities are joined; or with --code any polygons.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="ZONES.gpkg", help="The zones to write.")],
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="Number of zones.")],
    *,
    weight: Annotated[
        str,
        typer.Option(
            "--weight",
            metavar="NAME",
            help="What zones share evenly: households, persons, work or incidents of a source; with --code a column.",
        ),
    ] = "households",
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", metavar="P", min=0.0, max=100.0, help="Per cent off the mean that are allowed."),
    ] = 10.0,
    travel: Annotated[
        Path | None,
        typer.Option(
            "--travel",
            metavar="F.csv",
            help="Ways between towns (minutes, km): codes in the first row and column. Default: straight distance.",
        ),
    ] = None,
    travel_unit: Annotated[str, typer.Option("--travel-unit", metavar="TEXT", help="Unit of --travel.")] = "min",
    code: Annotated[
        str | None, typer.Option("--code", metavar="COLUMN", help="Column of codes in a file of plain polygons.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="COLUMN", help="Column of names in a file of plain polygons.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", metavar="NAME", help="Layer of a file of plain polygons.")
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="EPSG:N", help="CRS of polygons that state none.")] = None,
    balance: Annotated[float, typer.Option("--balance", min=0.0, help="Weight of evenness in the tolerance.")] = 1.0,
    short_ways: Annotated[float, typer.Option("--short-ways", min=0.0, help="Weight of short ways.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the random numbers.")] = 0,
    accept: AcceptOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where a zone is out of the tolerance.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Join towns into zones: 12 towns into 4 enforcement areas, 45 communities into 6 police beats.

    Towns stay whole, zones are in one piece, their weights within the tolerance where that can be, and ways inside them
    short. ZONES.gpkg has the layers levels (zones and, under them, towns) and level_violations; ZONES.report.json lies
    beside it. Exit 0 done, 1 violations with --strict, 2 bad input: then nothing is written.
    """
    require_geopackage(output)
    with faults_said(lang.value):
        from gridplan.levels.towns import towns_from
        from gridplan.levels.zones import ZoneRules, build_zones
        from gridplan.output import write_layers
        from gridplan.sources.areas import read_ways

        rules = ZoneRules(number, tolerance / 100.0, balance, short_ways, seed=seed)
        areas = _areas(source, weight, code, name, layer, crs, accept or [])
        ways = None if travel is None else read_ways(travel)
        made = build_zones(towns_from(areas, ways, travel_unit), rules, areas.crs)
        report = {**made.report, "source": source.name, "weight_is": weight}
        write_layers({"levels": made.levels, "level_violations": made.violations}, report, output)
    typer.echo(_summary(made, lang.value))
    typer.echo(f"{'片区' if lang.value == 'zh' else 'zones'}: {output}")
    if strict and len(made.violations):
        raise typer.Exit(1)


def _areas(
    source: Path, weight: str, code: str | None, name: str | None, layer: str | None, crs: str | None, accept: list[str]
) -> gpd.GeoDataFrame:
    if code is not None:
        from gridplan.sources.areas import read_areas

        return read_areas(source, code=code, weight=weight, name=name, sublayer=layer, crs=crs)
    from gridplan.levels.caseload import communities_by_weight
    from gridplan.sources import read_source

    district = read_source(source, accept=accept)
    return communities_by_weight(district, weight, rules_of(district, None, None).work)


def _summary(made: Zones, lang: Any) -> str:
    from gridplan.reasons import reason_text

    unit = made.report["travel_unit"]
    rows = made.levels[made.levels["level"] == "zone"]
    off = made.report["weight"]["mean"]
    head = {
        "zh": "编码  单元数  权重（与均值之差）  平均路程  最远路程  驻地",
        "en": "code  towns  weight (off the mean)  mean way  longest way  seat",
    }
    lines = [head[lang]]
    for row in rows.itertuples():
        share = f"{row.weight / off - 1:+.1%}"
        lines.append(
            f"{row.code}  {row.towns}  {row.weight} ({share})  {row.travel_mean:g} {unit}  {row.travel_max:g} {unit}  "
            f"{row.seat_code} {row.name.removesuffix('片区')}"
        )
    found = made.violations[["grid_code", "rule", "reason", "value", "limit"]].to_numpy(dtype=object)
    lines += [
        f"  {code}  {reason_text(rule, reason, lang)} ({value} / {limit})" for code, rule, reason, value, limit in found
    ]
    return "\n".join(lines)
