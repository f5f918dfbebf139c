"""``gridplan select`` and ``gridplan contacts``: which grids something concerns, and whom to call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import faults_said
from gridplan.cli.options import BAD_INPUT, Lang, LangOption

if TYPE_CHECKING:
    from gridplan.situation import Selection

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="Plan file.", show_default=False)]
WorkersOption = Annotated[
    Path | None,
    typer.Option("--workers", metavar="F", help="Who answers: grid_code 网格编码, person 姓名, role AB角, phone 电话."),
]


def select(
    plan: PlanArgument,
    *,
    area: Annotated[
        Path | None, typer.Option("--area", metavar="F", help="Polygons drawn: GeoJSON, shapefile, GeoPackage.")
    ] = None,
    buildings: Annotated[
        Path | None, typer.Option("--buildings", metavar="F", help="Table of building_id 楼栋编号, instead of an area.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", help="The plan's source: footprints and addresses. Without, a building's ground counts."
        ),
    ] = None,
    classes: Annotated[
        Path | None, typer.Option("--classes", metavar="F", help="Table of building_id and a class.")
    ] = None,
    column: Annotated[str, typer.Option("--class-column", help="Its column of classes.")] = "class",
    workers: WorkersOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F.xlsx", help="Sheet by grid and by building.")
    ] = None,
    poster: Annotated[
        Path | None, typer.Option("--poster", metavar="F.pdf|F.png", help="One page to print: map, grids, telephones.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Heading of that page.")] = None,
    lang: LangOption = Lang.ZH,
) -> None:
    """
    Tell which grids an area or a list of buildings concerns: households by class, workers, who has most to reach.

    A flood, a lock-down, a gas leak. Prints JSON; -o and --poster write what is handed out. Exit 0 done, 2 bad input.
    """
    _check(area, buildings, output, poster)
    with faults_said(lang.value):
        from datetime import date

        from gridplan.exports.together import together
        from gridplan.situation import write_selection
        from gridplan.situation.poster import write_poster

        chosen = _selection(plan, area, buildings, source, classes, column, workers)
        heading = title or ("受影响网格" if lang is Lang.ZH else "Grids concerned")
        with together() as files:
            if output is not None:
                write_selection(chosen, files.draft(output), made_on=date.today(), lang=lang.value)
            if poster is not None:
                kind = poster.suffix.lower()[1:]
                write_poster(chosen, {kind: files.draft(poster)}, title=heading, made_on=date.today(), lang=lang.value)
        _say(chosen)


def _check(area: Path | None, buildings: Path | None, output: Path | None, poster: Path | None) -> None:
    """Refuse at once what could not be done, all of it together."""
    wrong = []
    if (area is None) == (buildings is None):
        wrong.append("error: give --area or --buildings, one of them / 请给出 --area 或 --buildings 之一")
    if output is not None and output.suffix.lower() != ".xlsx":
        wrong.append(f"error: -o {output}: give it a name that ends in .xlsx")
    if poster is not None and poster.suffix.lower() not in (".pdf", ".png"):
        wrong.append(f"error: --poster {poster}: give it a name that ends in .pdf or .png")
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(BAD_INPUT)


def _selection(
    plan: Path, area: Path | None, buildings: Path | None, source: Path | None, classes: Path | None, column: str,
    workers: Path | None,
) -> Selection:  # fmt: skip
    from gridplan.plan import read_plan
    from gridplan.situation import read_area, read_buildings, read_theme, read_workers
    from gridplan.situation import select as pick
    from gridplan.sources import read_source

    opened = read_plan(plan)
    footprints = None if source is None else read_source(source).buildings
    return pick(
        opened,
        area=None if area is None else read_area(area, opened.grids.crs),
        buildings=None if buildings is None else read_buildings(buildings),
        footprints=footprints,
        theme=None if classes is None else read_theme(classes, column),
        workers=None if workers is None else read_workers(workers),
    )


def _say(chosen: Selection) -> None:
    import json

    rows: Any = chosen.grids.astype(object).where(chosen.grids.notna(), None).to_dict("records")
    typer.echo(json.dumps({"totals": chosen.totals, "grids": rows}, ensure_ascii=False, indent=2, default=int))


def contacts(
    plan: PlanArgument,
    *,
    workers: WorkersOption = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="F.xlsx", help="Workbook to write.", show_default=False)
    ],
    lang: LangOption = Lang.ZH,
) -> None:
    """
    Write the contact list of a plan: worker (A 角) and deputies (B 角) of each grid, and what each person carries.

    Exit 0 done, 2 bad input.
    """
    if workers is None or output.suffix.lower() != ".xlsx":
        typer.echo(
            "error: give --workers F, and -o a name that ends in .xlsx / 请给出 --workers 与 .xlsx 文件名", err=True
        )
        raise typer.Exit(BAD_INPUT)
    with faults_said(lang.value):
        from datetime import date

        from gridplan.exports.together import together
        from gridplan.plan import read_plan
        from gridplan.situation import read_workers, write_contacts

        opened, people = read_plan(plan), read_workers(workers)
        with together() as files:
            write_contacts(opened, people, files.draft(output), made_on=date.today(), lang=lang.value)
        vacant, strange = people.vacant(opened), people.strange(opened)
        for codes, zh, en in (
            (vacant, "无网格员的网格", "grids without a worker"),
            (strange, "名单中有、方案中无的网格", "grids of the list that the plan lacks"),
        ):
            if codes:
                named = ", ".join(codes[:10]) + (", ..." if len(codes) > 10 else "")
                typer.echo(f"{zh if lang is Lang.ZH else en}: {len(codes)}: {named}", err=True)
        typer.echo(str(output))
