"""``gridplan audit``: who did what, when and for which request; and whether anything of it was altered since."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import Lang, LangOption

if TYPE_CHECKING:
    from gridplan.store.chain import Entry, Verdict

BROKEN = 1
MOST_SAID = 100

audit = typer.Typer(
    name="audit",
    help="The audit log: list it, export it, and prove that nothing of it was altered.",
    no_args_is_help=True,
)
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day or moment on.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Before this day or moment.")]
ActorOption = Annotated[str | None, typer.Option("--actor", help="Only what this person or key did.")]
ActionOption = Annotated[str | None, typer.Option("--action", help="plan.publish; or plan, for all of its kind.")]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", help="Only what was done to this plan, key or incident.")
]


@audit.command("list")
def list_(
    *,
    start: FromOption = None,
    end: ToOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    subject: SubjectOption = None,
    scope: shelf.ScopeOption = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """List records, newest first: number, moment (UTC), action, who, what it was done to."""
    with shelf.opened(store, lang.value) as opened:
        from gridplan.store.audit import Filters

        asked = Filters(_moment(start, "--from"), _moment(end, "--to"), actor, action, subject, scope)
        found = opened.audit.entries(asked, limit=limit)
    if as_json:
        shelf.said([entry.to_dict() for entry in found])
        return
    for entry in found:
        typer.echo(_row(entry))


@audit.command("export")
def export(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File to write; one of that name is replaced.")],
    *,
    by: shelf.ByOption = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Write the whole log, one JSON object a line; kept elsewhere, it proves by verify --against what the log was."""
    with shelf.opened(store, lang.value) as opened:
        opened.audit.record("audit.export", shelf.person(by), path.name)
        count = opened.audit.export(path)
    typer.echo({"en": f"{path}: {count} records", "zh": f"{path}：{count} 条记录"}[lang.value])


@audit.command("verify")
def verify(
    *,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Check an export instead of the store.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="An earlier export or anchor, kept elsewhere.")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option("--anchor", metavar="FILE", help="Write the end of the log, for a later --against.")
    ] = None,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Check the log record by record, and the tables that it tells of; code 1, and what is not as it was written.

    Without --against nobody sees that the last records were cut off, or that all were written anew: keep an export,
    or the line that --anchor writes, where those who run the store cannot reach it.
    """
    verdict = _verdict(file, against, store, lang.value)
    if verdict.broken is not None:
        said = {
            "en": f"record {verdict.broken}: {verdict.why}",
            "zh": f"第 {verdict.broken} 条记录与写入时不一致：{verdict.why}",
        }
        typer.echo(said[lang.value], err=True)
        raise typer.Exit(BROKEN)
    if file is None:
        _compare(store, lang)
    if anchor is not None and verdict.count:
        with shelf.refusals_said(lang.value):
            line = {"number": verdict.count, "digest": verdict.head, "at": datetime.now(UTC).isoformat()}
            anchor.write_text(json.dumps(line) + "\n", encoding="utf-8")
    said = {
        "en": f"{verdict.count} records are what was written; the last has the digest {verdict.head}",
        "zh": f"{verdict.count} 条记录均与写入时一致；末条摘要为 {verdict.head}",
    }
    typer.echo(said[lang.value])


def _compare(store: str | None, lang: Lang) -> None:
    """Compare plans, publications, keys and steps of incidents with the log; say each that does not fit."""
    with shelf.opened(store, lang.value) as opened:
        found = opened.audit.compare()
    for misfit in found.misfits[:MOST_SAID]:
        typer.echo(str(misfit), err=True)
    if found.misfits:
        said = {
            "en": f"{len(found.misfits)} of {found.compared} rows are not as the log tells",
            "zh": f"{found.compared} 行中有 {len(found.misfits)} 处与日志不符",
        }
        typer.echo(said[lang.value], err=True)
        raise typer.Exit(BROKEN)
    said = {
        "en": f"{found.compared} rows of plans, keys and incidents are as the log tells; {found.older} are older",
        "zh": f"方案、密钥和事件的 {found.compared} 行均与日志相符；另有 {found.older} 行早于日志",
    }
    typer.echo(said[lang.value])


def _verdict(file: Path | None, against: Path | None, store: str | None, lang: Any) -> Verdict:
    with shelf.refusals_said(lang):
        from gridplan.store.audit import read_anchors, read_export
        from gridplan.store.chain import check

        anchors = None if against is None else read_anchors(against)
        if file is not None:
            return check(read_export(file), anchors)
    with shelf.opened(store, lang) as opened:
        return opened.audit.verify(anchors)


def _moment(text: str | None, option: str) -> datetime | None:
    """Return a moment; a day, or a moment without a zone, is of the machine's."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise typer.BadParameter(
            f"expected 2026-03-01 or 2026-03-01T08:00; found {text!r}", param_hint=option
        ) from None


def _row(entry: Entry) -> str:
    when = entry.at.isoformat(timespec="seconds")
    return "  ".join([str(entry.number), when, entry.action, entry.actor, entry.subject, entry.scope or "*"])
