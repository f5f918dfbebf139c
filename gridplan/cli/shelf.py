"""What the commands of the store share: which store, who asks, and how refusals and plans are said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli.guard import INTERRUPTED
from gridplan.cli.options import BAD_INPUT

if TYPE_CHECKING:
    from gridplan.store import PlanInfo, Store

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="sqlite:///FILE, postgresql://... or a file; by default GRIDPLAN_DATABASE_URL, else your data folder.",
        show_default=False,
    ),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it; your login name by default.", show_default=False),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the step.", show_default=False)]
ScopeOption = Annotated[str, typer.Option("--scope", metavar="PREFIX", help="Only codes that begin so.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON with every field.")]
PlanArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of a plan, or the beginning of it.")]

# Kinds of refusal in Chinese; what exactly was found stands behind, with ids and dates.
REFUSALS = {
    "StoreUnavailableError": "数据库暂不可用",
    "StoreVersionError": "数据库版本不符",
    "NotInStoreError": "库中没有",
    "PlanStateError": "方案当前状态不允许此操作",
    "CodeReusedError": "已停用的编码不得再用",
    "StaleBaseError": "方案所依据的版本已过期",
    "StoreError": "未能完成，库中内容未变",
}


@contextmanager
def opened(url: str | None, lang: Any) -> Iterator[Store]:
    """
    Open the store for a command; say on standard error what refuses it, and end with code 2.

    Parameters
    ----------
    url
        As given by ``--store``.
    lang
        ``zh`` or ``en``.
    """
    with refusals_said(lang):
        from gridplan.store import Store

        with Store.open(url) as store:
            yield store


@contextmanager
def refusals_said(lang: Any) -> Iterator[None]:
    """Say on standard error what refuses a command, and end with code 2; 130 after Ctrl-C."""
    from gridplan.errors import GridplanError

    try:
        yield
    except (GridplanError, OSError) as error:
        kind = REFUSALS.get(type(error).__name__, "错误")
        typer.echo(f"{kind}：{error}" if lang == "zh" else f"error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        typer.echo("interrupted: nothing was changed / 已中断，未作任何更改", err=True)
        raise typer.Exit(INTERRUPTED) from error


def person(by: str | None) -> str:
    """Return who asks: the name given, or the login name."""
    import getpass

    return by or getpass.getuser()


def row(plan: PlanInfo, lang: Any) -> str:
    """Return a plan in one line: id, state, days, scope, author, name."""
    from gridplan.words import word

    state = word(f"state.{plan.state.value}", lang)
    days = f"{plan.valid_from or ''}..{plan.valid_to or ''}" if plan.valid_from else "-"
    return "  ".join([plan.plan_id, state, days, plan.scope or "*", plan.author, plan.name])


def plain(record: Any) -> dict[str, Any]:
    """Return a record of the store as plain JSON values."""
    from dataclasses import asdict
    from datetime import date

    return {
        key: value.isoformat() if isinstance(value, datetime | date) else value for key, value in asdict(record).items()
    }


def said(values: Any) -> None:
    """Print JSON."""
    import json

    typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
