"""Workbooks whose text is never run as a formula, whose numbers are numbers and whose codes are text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from gridplan.spreadsheets import RISKY

_THIN = Side(style="thin", color="808080")
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
HEAD = PatternFill("solid", fgColor="DDE7F0")
TOTAL = PatternFill("solid", fgColor="F3F3EE")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_TITLE = 31
_WIDEST = 60


def new_workbook(title: str) -> Workbook:
    """
    Return a workbook without sheets.

    Parameters
    ----------
    title
        Title in its properties.
    """
    book = Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.title = "gridplan", title
    return book


def put(sheet: Any, row: int, column: int, value: Any, *, boxed: bool = True) -> Any:
    """
    Write a value into a cell and return the cell.

    Parameters
    ----------
    sheet
        Worksheet.
    row, column
        From 1.
    value
        A number stays one; text stays text, whatever it begins with; null leaves the cell empty.
    boxed
        Whether the cell has a border.
    """
    cell = sheet.cell(row, column)
    if boxed:
        cell.border = BOX
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return cell
    if isinstance(value, str):
        # openpyxl takes "=..." for a formula unless told otherwise; quotePrefix keeps Excel from running it when
        # somebody edits the cell.
        cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
        cell.data_type = "s"
        cell.number_format = "@"
        if value.startswith(RISKY):
            cell.quotePrefix = True
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    else:
        cell.value = value.item() if isinstance(value, np.generic) else value
        cell.alignment = Alignment(vertical="center", horizontal="right")
    return cell


def put_row(sheet: Any, row: int, values: Iterable[Any], *, fill: Any = None, bold: bool = False) -> None:
    """
    Write a row of values from the first column on.

    Parameters
    ----------
    sheet, row
        Where.
    values
        As of `put`.
    fill, bold
        How it looks.
    """
    for column, value in enumerate(values, 1):
        cell = put(sheet, row, column, value)
        if fill is not None:
            cell.fill = fill
        if bold:
            cell.font = Font(bold=True)


def sheet_title(text: str, taken: Iterable[str]) -> str:
    """
    Return a title that a worksheet may have and no other has.

    Parameters
    ----------
    text
        Title wanted.
    taken
        Titles that are given already.
    """
    plain = _NOT_IN_TITLES.sub("-", ILLEGAL_CHARACTERS_RE.sub(" ", text))[:_LONGEST_TITLE] or "-"
    known = {each.casefold() for each in taken}
    title, number = plain, 1
    while title.casefold() in known:
        number += 1
        title = f"{plain[: _LONGEST_TITLE - len(str(number)) - 1]}-{number}"
    return title


def fit_columns(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    """
    Make columns as wide as what they hold; a Chinese character counts as two.

    Parameters
    ----------
    sheet
        Worksheet.
    rows
        Its rows.
    """
    for column, values in enumerate(zip(*rows, strict=True), 1):
        widest = max(width_of(value) for value in values)
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, widest + 3)


def width_of(value: Any) -> int:
    """
    Return the width of a value in Latin letters.

    Parameters
    ----------
    value
        Anything; null has none.
    """
    text = "" if value is None or value is pd.NA else str(value)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
