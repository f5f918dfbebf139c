"""``gridplan incidents``: bring incidents in, follow them to their end, look at what is late or contradicts itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.findings import effort, hot_spots, rises
from gridplan.cli.locate import DatumOption
from gridplan.cli.options import HandlingOption, Lang, LangOption
from gridplan.cli.stats import stats

if TYPE_CHECKING:
    from gridplan.incidents.handling import Handling
    from gridplan.incidents.incident import Incident
    from gridplan.incidents.store import ImportReport, Incidents

incidents = typer.Typer(
    name="incidents",
    help="Incidents (事件、工单) by grid: bring a register in, follow each to its end, see what is late or unclear.",
    no_args_is_help=True,
)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the incident, ours or the register's.")]


class Rating(StrEnum):
    """How satisfied the reporter was."""

    SATISFIED = "satisfied"
    BASIC = "basic"
    UNSATISFIED = "unsatisfied"


@incidents.command("import")
def import_(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="CSV, Excel, Parquet (also .gz), GeoPackage.")],
    *,
    source: Annotated[str, typer.Option("--source", help="Name of the register; ids are known within it.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="F.toml", help="Which column is what; see docs/incidents.md.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", metavar="OURS=THEIRS", help="One column; repeatable.")
    ] = None,
    layer: Annotated[str, typer.Option("--layer", help="Layer of a geofile that has several.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="Time zone of times that state none: Asia/Shanghai.")] = "",
    datum: Annotated[DatumOption | None, typer.Option("--datum", help="Datum of longitude and latitude.")] = None,
    addresses: Annotated[
        Path | None, typer.Option("--addresses", metavar="TABLE", help="The table of standard addresses.")
    ] = None,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but the writing.")] = False,
    by: shelf.ByOption = None,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Bring a register's table in: each record to its grid, or to a person with the reason. Twice changes nothing."""
    with shelf.opened(store, lang.value) as opened:
        from dataclasses import replace

        from gridplan.cli.rows import bar
        from gridplan.incidents.mapping import Layout, read_layout
        from gridplan.incidents.store.grounds import ground_in_force

        layout = read_layout(mapping) if mapping else Layout()
        given: dict[str, Any] = {"source": source, "layer": layer, "zone": zone, "datum": datum.value if datum else ""}
        layout = replace(layout.with_columns(column or []), **{name: value for name, value in given.items() if value})
        desk, ground = _desk(opened, handling), ground_in_force(opened, scope=scope)
        with bar() as progress:
            report = desk.bring(
                table,
                layout,
                ground,
                by=shelf.person(by),
                addresses=_addresses(addresses, ground.grids),
                scope=scope,
                dry_run=dry_run,
                progress=progress,
            )
    shelf.said(report.plain()) if as_json else _tell(report, lang.value)


@incidents.command("list")
def list_(
    *,
    scope: shelf.ScopeOption = "",
    grid: Annotated[str | None, typer.Option("--grid", metavar="CODE", help="Of this grid.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="In this state of its workflow.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Code of a category.")] = None,
    is_open: Annotated[bool | None, typer.Option("--open/--closed", help="Open ones, or closed ones, alone.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 50,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """List incidents, the newest first."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.store.rows import Which

        desk = _desk(opened, None)
        which = Which(scope, grid_code=grid, state=state, category=category, open=is_open)
        found, total = desk.page(which, limit=limit)
    _show(found, desk.handling, as_json, lang.value)
    if not as_json:
        typer.echo(
            {"en": f"{len(found)} of {total}", "zh": f"共 {total} 件，列出 {len(found)} 件"}[lang.value], err=True
        )


@incidents.command("show")
def show(
    incident_id: IdArgument,
    *,
    personal: Annotated[
        bool, typer.Option("--personal", help="Also who reported it, and where; the look is recorded.")
    ] = False,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Print an incident with every step of its life, as JSON."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.course import legal

        desk = _desk(opened, None)
        file = desk.get(_one(desk, incident_id))
        told = {
            **shelf.plain(file.incident),
            "review": None if file.review is None else shelf.plain(file.review),
            "steps": [shelf.plain(step) for step in file.steps],
            "legal": list(legal(file.incident, desk.handling, desk.now())),
        }
        if personal:
            person = desk.person(file.incident.incident_id)
            opened.audit.record("incident.read", shelf.person(by), file.incident.incident_id, {"fields": person.known})
            told["person"] = shelf.plain(person)
    shelf.said(told)


@incidents.command("step")
def step(
    incident_id: IdArgument,
    action: Annotated[str, typer.Argument(help="What is done: file, dispatch, handle, close, pause, extend, ...")],
    *,
    role: Annotated[str, typer.Option("--role", help="As what; the first role that may by default.")] = "",
    within: Annotated[str | None, typer.Option("--within", help="With extend: '2 working_days'.")] = None,
    rating: Annotated[Rating | None, typer.Option("--rating", help="How satisfied the reporter was.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0, help="Minutes of work that it took.")] = None,
    seen: Annotated[int | None, typer.Option("--seen", help="Refuse if it is no more at this step.")] = None,
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    handling: HandlingOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Take a step with an incident; one that may not be taken is refused with those that may."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.course import Order

        desk = _desk(opened, handling)
        said = {"within": within, "rating": None if rating is None else rating.value, "minutes": minutes}
        details = {name: value for name, value in said.items() if value is not None}
        order = Order(action, shelf.person(by), desk.now(), role, reason, details)
        file = desk.step(_one(desk, incident_id), order, seen=seen)
    typer.echo(_row(file.incident, desk.handling, lang.value))


@incidents.command("late")
def late(
    *,
    soon: Annotated[bool, typer.Option("--soon", help="Those that are soon late instead.")] = False,
    escalate: Annotated[
        bool, typer.Option("--escalate", help="Hand up what is late: grid, community, street, district.")
    ] = False,
    scope: shelf.ScopeOption = "",
    handling: HandlingOption = None,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """List what is late, the latest first."""
    with shelf.opened(store, lang.value) as opened:
        desk = _desk(opened, handling)
        found = desk.escalate_late(scope) if escalate else desk.late(scope, soon=soon)
    _show(found, desk.handling, as_json, lang.value)


@incidents.command("review")
def review(
    incident_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="With --grid: the incident that is decided.")
    ] = None,
    *,
    grid: Annotated[str | None, typer.Option("--grid", metavar="CODE", help="The grid that it belongs to.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the oldest first.")] = 50,
    scope: shelf.ScopeOption = "",
    by: shelf.ByOption = None,
    reason: shelf.ReasonOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """List what a person has to look at, with the reason and every grid that it may be; or decide one."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.errors import IncidentError
        from gridplan.incidents.store.grounds import ground_in_force

        desk = _desk(opened, None)
        if (incident_id is None) != (grid is None):
            raise IncidentError("expected an ID together with --grid CODE, or neither")
        if incident_id is not None and grid is not None:
            ground, name = ground_in_force(opened, scope=scope), _one(desk, incident_id)
            file = desk.settle(name, ground, grid_code=grid, by=shelf.person(by), reason=reason, scope=scope)
            typer.echo(_row(file.incident, desk.handling, lang.value))
            return
        found = desk.reviews(scope, limit=limit)
    if as_json:
        shelf.said([{**shelf.plain(review), "source_id": incident.source_id} for review, incident in found])
        return
    for waiting, incident in found:
        codes = " ".join(each["grid_code"] for each in waiting.candidates)
        typer.echo("  ".join([waiting.incident_id, incident.source_id, _reason(waiting.reason, lang.value), codes]))


@incidents.command("export")
def export(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="F", help="CSV or Parquet; without names.")],
    scope: shelf.ScopeOption = "",
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write incidents with grid, times and verdicts to a table; who reported them is never in it."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.store.frames import incident_frame
        from gridplan.incidents.store.rows import Which
        from gridplan.locate.tables import write_pieces

        frame = incident_frame(opened, Which(scope))
        with write_pieces(output) as write:
            write(frame)
    typer.echo({"en": f"{output}: {len(frame)} incidents", "zh": f"{output}：{len(frame)} 件"}[lang.value])


incidents.command("stats")(stats)
incidents.command("hot-spots")(hot_spots)
incidents.command("rises")(rises)
incidents.command("effort")(effort)


def _desk(opened: Any, handling: Path | None) -> Incidents:
    from gridplan.incidents.handling import read_handling
    from gridplan.incidents.store import Incidents

    return Incidents(opened, read_handling(handling))


def _addresses(table: Path | None, grids: Any) -> Any:
    """Return the table of standard addresses, its rows in the grids in force; None where none was given."""
    if table is None:
        return None
    from gridplan.locator import Locator

    return Locator.from_table(table, plan=grids)


def _one(desk: Incidents, name: str) -> str:
    """Return the id of the one incident that a name means."""
    from gridplan.errors import IncidentError

    found = desk.find(name)
    if len(found) != 1:
        what = "none" if not found else ", ".join(f"{each.incident_id} ({each.source})" for each in found)
        raise IncidentError(f"expected the id of one incident; {name!r} names {what}")
    return found[0].incident_id


def _show(found: list[Incident], handling: Handling, as_json: bool, lang: Any) -> None:
    if as_json:
        shelf.said([shelf.plain(each) for each in found])
        return
    for each in found:
        typer.echo(_row(each, handling, lang))


def _row(each: Incident, handling: Handling, lang: Any) -> str:
    """Return an incident in one line: id, register's id, reported, state, holder, deadline, grid, category."""
    flow = handling.workflows.get(each.workflow)
    state = flow.states[each.state].label.of(lang) if flow is not None and each.state in flow.states else each.state
    times = [
        at.astimezone(handling.calendar.tz).strftime("%Y-%m-%d %H:%M") if at else "-"
        for at in (each.reported_at, each.due_at)
    ]
    return "  ".join(
        [
            each.incident_id,
            each.source_id,
            times[0],
            state,
            each.holder,
            times[1],
            each.grid_code or "-",
            each.category_said,
        ]
    )


def _reason(reason: str, lang: Any) -> str:
    from gridplan.incidents.deciding import REASONS

    return REASONS.get(reason, (reason, reason))[lang != "zh"]


def _tell(report: ImportReport, lang: Any) -> None:
    """Print what became of a table's rows."""
    rejected = sum(len(rows) for rows in report.rejected.values())
    heads = {
        "en": f"{report.rows} rows: {report.new} new, {report.changed} changed, {report.same} as before, "
        f"{report.repeated} repeated, {rejected} rejected; {report.in_grid} in a grid",
        "zh": f"共 {report.rows} 行：新增 {report.new}，变更 {report.changed}，未变 {report.same}，"
        f"重复 {report.repeated}，拒收 {rejected}；落入网格 {report.in_grid}",
    }
    typer.echo(heads[lang])
    for reason, count in sorted(report.review.items(), key=lambda item: -item[1]):
        typer.echo(f"  {count}  {_reason(reason, lang)}")
    for reason, rows in report.rejected.items():
        if rows:
            typer.echo(f"  {len(rows)}  {reason}: {', '.join(map(str, rows[:10]))}")
    for name, count in report.remarks.items():
        if count:
            typer.echo(f"  {count}  {name}")
    for point in report.default_points:
        typer.echo(f"  {point['records']}  default point / 默认点 {point['lon']}, {point['lat']}")
