"""``gridplan edit``: edits from a file, or grids redrawn in a GIS, made on a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.options import BAD_INPUT, Lang, LangOption

if TYPE_CHECKING:
    from gridplan.editing.brought_back import BroughtBack
    from gridplan.plan import Plan


def edit(
    source: Annotated[Path, typer.Argument(metavar="PLAN.gpkg", help="The plan, its report beside it.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="NEW.gpkg", help="The plan to write; may be PLAN itself.")
    ] = None,
    *,
    drawn: Annotated[
        Path | None, typer.Option("--from", metavar="DRAWN", help="Grids redrawn in a GIS (.gpkg, .shp, .geojson).")
    ] = None,
    edits: Annotated[
        Path | None,
        typer.Option("--edits", metavar="F.json", help='A list of {"action": ..., "parameters": {...}}.'),
    ] = None,
    undo: Annotated[int, typer.Option("--undo", min=0, metavar="N", help="Take back the last N edits first.")] = 0,
    author: Annotated[str, typer.Option("--by", help="Who makes the edits.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with every edit.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Keep edits that break a rule, as named violations.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Edit a plan: take back edits, take in grids redrawn in a GIS, make edits from a JSON file. Without any: the history.

    All edits are made or none. What each changed is printed, and what of a drawing cannot be taken. Exit 0 done, 2 bad
    input or an edit that would break a rule; then nothing is written.
    """
    from gridplan.errors import EditError, GridplanError
    from gridplan.plan import read_plan

    try:
        plan = read_plan(source)
        if not undo and drawn is None and edits is None:
            typer.echo("\n".join(_history(plan)) or "no edits")
            return
        if output is None:
            raise typer.BadParameter("say where to write the plan: -o NEW.gpkg")
        made = _edited(plan, drawn, edits, undo, lang.value, {"author": author, "reason": reason, "force": force})
        made.write(output)
    except EditError as error:
        typer.echo(f"{'错误' if lang.value == 'zh' else 'error'}: {error.text(lang.value)}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except (GridplanError, OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        typer.echo(f"{'错误' if lang.value == 'zh' else 'error'}: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    for record in made.edits[len(plan.edits) :]:
        effects = [f"  {line}" for line in record.effects.lines(lang.value)]
        typer.echo("\n".join([f"{record.edit_id} {record.action}", *effects]))
    typer.echo(f"{'方案' if lang.value == 'zh' else 'plan'}: {output}")


def _edited(
    plan: Plan, drawn: Path | None, edits: Path | None, undo: int, lang: str, signature: dict[str, Any]
) -> Plan:
    made = plan
    for _ in range(undo):
        made = made.undo(author=signature["author"], reason=signature["reason"])
    if drawn is not None:
        found = made.edits_from(drawn)
        typer.echo("\n".join(_issues(found, lang)), nl=bool(len(found.issues)))
        made = found.apply(made, **signature)
    for action, parameters in [] if edits is None else _listed(edits):
        made = made.edit(action, parameters, **signature)
    return made


def _listed(path: Path) -> list[tuple[str, dict[str, Any]]]:
    from gridplan.editing.errors import impossible

    rows = json.loads(path.read_text(encoding="utf-8-sig"))
    good = isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("action"), str) and isinstance(row.get("parameters"), dict)
        for row in rows
    )
    if not good:
        raise impossible("no_list", path=path)
    return [(row["action"], row["parameters"]) for row in rows]


def _issues(found: BroughtBack, lang: str) -> list[str]:
    rows = found.issues[["grid_code", "unit_id", "area_m2", lang]].astype(object)
    return [
        f"  {' '.join(str(each) for each in (code, unit) if each)}: {words} ({area} m2)"
        for code, unit, area, words in rows.where(rows.notna(), None).itertuples(index=False, name=None)
    ]


def _history(plan: Plan) -> list[str]:
    stand = set(plan.history.loc[plan.history["stands"], "edit_id"])
    return [
        f"{record.edit_id}  {record.at:%Y-%m-%d %H:%M}  {record.action}  {record.author}  {record.reason}"
        f"{'' if record.edit_id in stand else '  (undone)'}"
        for record in plan.edits
    ]
