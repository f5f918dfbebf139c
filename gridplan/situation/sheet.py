"""What is handed out on the day: the sheet of a selection and the contact list of a plan, as workbooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from gridplan.exports.workbook import HEAD, TOTAL, fit_columns, new_workbook, put_row
from gridplan.situation.workers import Workers
from gridplan.words import called, day, grouped, word

if TYPE_CHECKING:
    from gridplan.plan import Plan
    from gridplan.situation.selection import Selection

Lang = Literal["zh", "en"]
_SUMMED = ("grids", "buildings", "households", "of_households", "persons", "work_min")


def heading(column: str, lang: Lang) -> str:
    """
    Return what a column is called; a class is called itself.

    Parameters
    ----------
    column
        Name of the column.
    lang
        ``zh`` or ``en``.
    """
    known = called("class", column, lang)
    return called("column", column, lang) if known == column else known


def write_selection(selection: Selection, path: Path, *, made_on: date, lang: Lang = "zh") -> None:
    """
    Write the sheet of a selection: grids with those who answer for them, and the buildings.

    Parameters
    ----------
    selection
        The buildings picked.
    path
        Workbook to write.
    made_on
        Day to print.
    lang
        ``zh`` or ``en``.
    """
    zh = lang == "zh"
    book = new_workbook("影响范围" if zh else "Selection")
    about = about_lines(selection, made_on, lang)
    grids = selection.grids
    _table(book.create_sheet("按网格" if zh else "By grid"), grids, lang, about, (*_SUMMED, *selection.classes))
    buildings = selection.buildings
    if selection.theme is None:
        buildings = buildings.drop(columns="class")
    else:
        buildings = buildings.assign(**{"class": [heading(each, lang) for each in buildings["class"]]})
    _table(book.create_sheet("按楼栋" if zh else "By building"), buildings, lang, about, _SUMMED)
    book.save(path)


def about_lines(selection: Selection, made_on: date, lang: Lang) -> list[str]:
    """
    Return what stands over a selection: sums, how buildings were picked, of which plan.

    Parameters
    ----------
    selection, made_on, lang
        As of `write_selection`.
    """
    sums, zh = selection.totals, lang == "zh"
    how = {
        "footprint": ("楼栋轮廓与范围相交", "buildings whose footprint the area touches"),
        "cell": (
            "楼栋用地与范围相交（无轮廓，宁多勿漏）",
            "buildings whose ground the area touches (no footprints known)",
        ),
        "list": ("按楼栋清单", "buildings of a list"),
    }[selection.by][0 if zh else 1]
    plan = str(selection.plan.name or selection.plan.report.get("source", ""))
    parts = [f"{heading(name, lang)} {sums[f'class:{name}']}{' 户' if zh else ''}" for name in selection.classes]
    if zh:
        lines = [f"涉及网格 {sums['grids']} 个、楼栋 {sums['buildings']} 栋、{grouped(sums['households'])} 户"]
        return [
            *lines,
            *(["　".join(parts)] if parts else []),
            f"选取方式：{how}　方案：{plan}　制作日期：{day(made_on)}",
        ]
    lines = [f"{sums['grids']} grids, {sums['buildings']} buildings, {grouped(sums['households'])} households"]
    return [*lines, *(["; ".join(parts)] if parts else []), f"Picked: {how}. Plan: {plan}. Made on {made_on}"]


def write_contacts(plan: Plan, workers: Workers, path: Path, *, made_on: date, lang: Lang = "zh") -> None:
    """
    Write the contact list of a plan: who answers for each grid, what each person carries, which grids have nobody.

    Parameters
    ----------
    plan, workers
        The plan and its workers.
    path
        Workbook to write.
    made_on
        Day to print.
    lang
        ``zh`` or ``en``.
    """
    zh = lang == "zh"
    book = new_workbook("网格员通讯录" if zh else "Contacts")
    names = dict(zip(plan.communities["community_code"], plan.communities["name"], strict=True))
    grids = pd.DataFrame(plan.grids[["grid_code", "name", "community_code", "households", "work_min"]])
    grids["community_name"] = grids["community_code"].map(lambda code: names.get(code) or code)
    people = workers.by_grid.reindex(grids["grid_code"]).reset_index(drop=True)
    grids = grids.reset_index(drop=True).join(people)
    vacant = len(workers.vacant(plan))
    about = [
        f"网格 {len(grids)} 个，空岗 {vacant} 个；制作日期：{day(made_on)}"
        if zh
        else f"{len(grids)} grids, {vacant} without a worker; made on {made_on}"
    ]
    columns = ["grid_code", "name", "community_name", "households", "work_min", "worker", "phone", "deputies"]
    _table(book.create_sheet("网格" if zh else "Grids"), grids[columns], lang, about, _SUMMED)
    _table(book.create_sheet("人员" if zh else "People"), workers.loads(plan), lang, about, _SUMMED)
    book.save(path)


def _table(sheet: Any, frame: pd.DataFrame, lang: Lang, about: list[str], summed: tuple[str, ...]) -> None:
    """Write lines, heads, rows and sums."""
    for number, line in enumerate(about, 1):
        sheet.cell(number, 1).value = line
        sheet.cell(number, 1).data_type = "s"
    begin = len(about) + 1
    plain = frame.astype(object).where(frame.notna(), None)
    heads = [heading(str(name), lang) for name in frame.columns]
    rows = [heads, *plain.to_numpy(dtype=object).tolist()]
    total: list[Any] = [int(frame[name].sum()) if name in summed else None for name in frame.columns]
    total[0] = word("total.total", lang)
    rows.append(total)
    for number, row in enumerate(rows, begin):
        edge = number in (begin, begin + len(rows) - 1)
        put_row(sheet, number, row, fill=(HEAD if number == begin else TOTAL) if edge else None, bold=edge)
    fit_columns(sheet, rows)
    sheet.freeze_panes = f"A{begin + 1}"
