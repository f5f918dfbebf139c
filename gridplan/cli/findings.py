"""``gridplan incidents hot-spots``, ``rises`` and ``effort``: what stands out in a period, and what incidents cost."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridplan.cli import shelf
from gridplan.cli.options import FirstOption, HandlingOption, Lang, LangOption, LastOption

if TYPE_CHECKING:
    from gridplan.incidents.effort import Effort
    from gridplan.incidents.handling import Handling
    from gridplan.incidents.store.findings import Findings
    from gridplan.incidents.unit_costs import Estimate, UnitCosts
    from gridplan.store import Store

CategoryOption = Annotated[str | None, typer.Option("--category", help="Code of a category; those below it count too.")]
# Remarks of a report name at most so many.
_MOST_NAMED = 4


class SeriesOption(StrEnum):
    """Series that are looked at for rises."""

    CATEGORY = "category"
    GRID = "grid"


def hot_spots(
    *,
    first: FirstOption,
    last: LastOption,
    category: CategoryOption = None,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Tell where incidents gather: grids that, with their neighbours, have more per household than chance makes.

    Getis-Ord Gi* and local Moran; of all that are named at most 5 % are expected to be named by chance.
    """
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.handling import read_handling
        from gridplan.incidents.store.findings import gatherings

        days = first.date(), last.date()
        found = gatherings(opened, read_handling(handling), days, category=category, scope=scope)
    if as_json:
        shelf.said(found.to_dict())
        return
    typer.echo({"en": "grid\treceived\tGi*\tq\tis", "zh": "网格\t受理\tGi*\tq\t判定"}[lang.value])
    for code, row in found.standing_out.iterrows():
        kind = _KINDS[row["spot"] or row["moran_kind"]][lang is Lang.ZH]
        typer.echo(f"{code}\t{row['count']}\t{row['gi']:.2f}\t{row['gi_q']:.4f}\t{kind}")
    _end(found, lang.value)


_KINDS = {
    "hot": ("hot", "热点"),
    "cold": ("cold", "冷点"),
    "high-high": ("high among high", "高—高聚集"),
    "low-low": ("low among low", "低—低聚集"),
    "high-low": ("high among low", "高—低异常"),
    "low-high": ("low among high", "低—高异常"),
}


def rises(
    *,
    first: FirstOption,
    last: LastOption,
    by: Annotated[SeriesOption, typer.Option("--of", help="Series looked at.")] = SeriesOption.CATEGORY,
    category: CategoryOption = None,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Tell what rose beyond chance, against what weekday, season and trend make of up to two years before.

    Needs 56 days of records before the first day; of all that are named at most 5 % are expected by chance.
    """
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.handling import read_handling
        from gridplan.incidents.store.findings import risen

        rules, days = read_handling(handling), (first.date(), last.date())
        found = risen(opened, rules, days, by=by.value, category=category, scope=scope)
    if as_json:
        shelf.said(found.to_dict())
        return
    heads = {"en": "received\texpected\tratio\tq", "zh": "受理\t预期\t倍数\tq"}
    typer.echo(f"{_SERIES[by.value][lang is Lang.ZH]}\t{heads[lang.value]}")
    for name, row in found.standing_out.iterrows():
        numbers = f"{row['count']}\t{row['expected']:.1f}\t{row['ratio']:.2f}\t{row['q']:.4f}"
        typer.echo(f"{_named(rules, str(name), lang.value)}\t{numbers}")
    _end(found, lang.value)


_SERIES = {"category": ("category", "类别"), "grid": ("grid", "网格")}


def effort(
    *,
    first: FirstOption,
    last: LastOption,
    handling: HandlingOption = None,
    scope: shelf.ScopeOption = "",
    as_json: shelf.JsonOption = False,
    store: shelf.StoreOption = None,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Learn what an incident costs, and print it as the table [work] for rules.toml where enough incidents were timed.

    Minutes are those of `gridplan incidents step --minutes` or of the register; limits hold with 95 %.
    """
    with shelf.opened(store, lang.value) as opened:
        from gridplan.incidents.handling import read_handling
        from gridplan.incidents.store.findings import costs

        fit, units = costs(opened, read_handling(handling), (first.date(), last.date()), scope=scope)
    if as_json:
        shelf.said(_told(fit, units))
    else:
        typer.echo("\n".join(_table(fit, units, lang is Lang.ZH)))


def remarks(opened: Store, rules: Handling, days: tuple[Any, Any], scope: str, ground: Any, lang: Any) -> list[str]:
    """Return lines for the morning report: what rose, where it gathers; none of what there are too few records for."""
    from gridplan.errors import TooFewError
    from gridplan.incidents.store.findings import gatherings, risen

    lines = []
    for find, say in ((risen, _rise_line), (gatherings, _spot_line)):
        try:
            found = find(opened, rules, days, scope=scope, ground=ground)
        except TooFewError:
            continue
        lines.append(say(found, rules, lang))
    return lines


def _rise_line(found: Findings, rules: Handling, lang: Any) -> str:
    rows = found.standing_out
    if rows.empty:
        return {"en": "no category rose beyond chance", "zh": "各类别均无超出偶然的上升"}[lang]
    usual = {"en": "{} {} (usual {:.0f})", "zh": "{} {} 件（预期 {:.0f}）"}[lang]
    named = [
        usual.format(_named(rules, str(code), lang), row["count"], row["expected"])
        for code, row in rows.head(_MOST_NAMED).iterrows()
    ]
    return {"en": "rose beyond chance: ", "zh": "显著上升："}[lang] + _list(named, len(rows), lang)


def _spot_line(found: Findings, rules: Handling, lang: Any) -> str:
    del rules
    hot = found.table[found.table["spot"] == "hot"]
    if hot.empty:
        return {"en": "incidents gather nowhere beyond chance", "zh": "未见超出偶然的聚集"}[lang]
    named = [str(code) for code in hot.index[:_MOST_NAMED]]
    return {"en": "incidents gather around: ", "zh": "事件聚集于："}[lang] + _list(named, len(hot), lang)


def _list(named: list[str], count: int, lang: Any) -> str:
    if lang == "zh":
        return "、".join(named) + (f" 等 {count} 项" if count > len(named) else "")
    return ", ".join(named) + (f" and {count - len(named)} more" if count > len(named) else "")


def _named(rules: Handling, name: str, lang: Any) -> str:
    known = rules.categories.by_code.get(name)
    return name if known is None else known.label.of(lang)


def _end(found: Findings, lang: Any) -> None:
    """Say of how many those named are, and what is in no grid."""
    count, of = len(found.standing_out), len(found.table)
    typer.echo({"en": f"{count} of {of} beyond chance", "zh": f"{of} 项中 {count} 项超出偶然"}[lang], err=True)
    if found.elsewhere:
        said = {"en": f"{found.elsewhere} are in no grid in force", "zh": f"{found.elsewhere} 件不在现行网格内"}
        typer.echo(said[lang], err=True)


def _told(fit: Effort, units: UnitCosts) -> dict[str, Any]:
    return {
        **asdict(units),
        "minutes_by_category": fit.minutes.round(2).to_dict(),
        "deviance_explained": round(fit.explained, 4),
        "features": fit.weights.round(4).to_dict(),
        "features_usable": fit.usable,
        "work": units.to_rules(),
    }


def _table(fit: Effort, units: UnitCosts, zh: bool) -> list[str]:
    """Return the table for rules.toml, with what it rests on as remarks, so that the whole is TOML."""
    names = {
        "per_incident": ("minutes of an incident", "每件事件用时（分钟）"),
        "per_household": ("minutes of incidents a household, monthly", "每户每月事件用时（分钟）"),
        "per_person": ("minutes of incidents a person, monthly", "每人每月事件用时（分钟）"),
    }
    lines = [f"# {names[name][zh]}: {_limits(getattr(units, name))}" for name in names]
    share = f"{fit.explained:.1%}"
    lines.append(f"# 交叉验证解释的偏差：{share}" if zh else f"# deviance explained in grids held out: {share}")
    lines.append(f"# 有用时记录 {units.timed} 件" if zh else f"# incidents that were timed: {units.timed}")
    if not units.usable:
        from gridplan.incidents.unit_costs import FEWEST_TIMED

        return [
            *lines,
            f"# 不足 {FEWEST_TIMED} 件，不提出规则" if zh else f"# fewer than {FEWEST_TIMED}: no rule follows",
        ]
    return [*lines, "", "[work]", *(f"{key} = {value}" for key, value in units.to_rules().items())]


def _limits(found: Estimate | None) -> str:
    return "-" if found is None else f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"
