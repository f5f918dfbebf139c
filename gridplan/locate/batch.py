"""A table of points or addresses in, the same table with the grid of each row out; millions of rows, little memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from gridplan.address.answer import Match
from gridplan.errors import LocateError
from gridplan.locate.located import LocatedMany
from gridplan.locate.tables import PIECE_ROWS, check_output, read_pieces, write_pieces
from gridplan.schema import nearest
from gridplan.sources.columns import as_text, parse_numbers

#: Names by which columns are recognised, the likeliest first; blanks, case and underscores do not matter.
KNOWN_NAMES: Mapping[str, tuple[str, ...]] = {
    "lon": ("lon", "lng", "longitude", "long", "经度", "經度", "x", "lonwgs84", "wgs84lon", "pointx"),
    "lat": ("lat", "latitude", "纬度", "緯度", "y", "latwgs84", "wgs84lat", "pointy"),
    "address": (
        "address",
        "地址",
        "详细地址",
        "住址",
        "addr",
        "query",
        "fulladdress",
        "full_addr",
        "事发地址",
        "案发地址",
    ),
}
# Coordinates are smaller than this in any CRS in use.
_LARGEST = 1e9
# Added to the name of an answer's column where the table has that name already.
_CLASH = "_located"

Progress = Callable[[int, int | None], None]


class LocatePoints(Protocol):
    """What locates many points: an index, or one on a date."""

    def __call__(self, lon: pd.Series, lat: pd.Series, /) -> LocatedMany:
        """Locate points."""


class MatchMany(Protocol):
    """What matches many addresses."""

    def __call__(self, texts: Sequence[str], /) -> Sequence[Match]:
        """Match addresses."""


@dataclass(frozen=True)
class Summary:
    """
    What became of a table.

    Parameters
    ----------
    rows
        Number of rows.
    statuses
        Number of rows by status.
    columns
        The columns that were read, by their meaning.
    """

    rows: int
    statuses: Mapping[str, int]
    columns: Mapping[str, str]

    @property
    def swapped(self) -> bool:
        """Whether longitude and latitude stand in each other's column, as far as most rows tell."""
        return 2 * self.statuses.get("swapped", 0) > self.rows


def no_progress(done: int, total: int | None) -> None:
    """Report nothing."""
    del done, total


def find_columns(names: Sequence[str], wanted: Sequence[str], given: Mapping[str, str | None]) -> dict[str, str]:
    """
    Return the columns of a table by their meaning.

    Parameters
    ----------
    names
        Names of its columns.
    wanted
        ``lon``, ``lat``, ``address``.
    given
        Names that the user gave; they must exist.

    Raises
    ------
    LocateError
        If a column that was named does not exist, or one that is wanted is not recognised; all at once.
    """
    found, faults = {}, []
    for meaning in wanted:
        name = given.get(meaning)
        if name is not None and name not in names:
            faults.append(f"no column {name!r}; the nearest name is {nearest(name, names) or '-'}")
        elif (name := name or recognise(names, meaning)) is None:
            faults.append(f"no column is recognised as {meaning}; name it with --{meaning}-column")
        else:
            found[meaning] = name
    if faults:
        msg = f"{'; '.join(faults)}. The table has the columns {', '.join(names) or '-'}."
        raise LocateError(msg)
    return found


def recognise(names: Sequence[str], meaning: str) -> str | None:
    """
    Return the column that is named like what is looked for, or None.

    Parameters
    ----------
    names
        Names of columns.
    meaning
        ``lon``, ``lat`` or ``address``.

    Examples
    --------
    >>> recognise(["编号", " Lng ", "纬度"], "lon")
    ' Lng '
    """
    plain = {_plain(name): name for name in reversed(names)}
    return next((plain[each] for each in map(_plain, KNOWN_NAMES[meaning]) if each in plain), None)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign not in " _-\ufeff")


def locate_points(
    source: Path,
    output: Path,
    locate: LocatePoints,
    *,
    columns: Mapping[str, str | None] | None = None,
    piece_rows: int = PIECE_ROWS,
    progress: Progress = no_progress,
) -> Summary:
    """
    Add ``grid_code``, ``status`` and ``distance_m`` to a table of points.

    Parameters
    ----------
    source, output
        Table to read, table to write (complete, or not at all).
    locate
        Locates the points of a piece.
    columns
        Columns by ``lon`` and ``lat`` where they are not recognised by name.
    piece_rows
        Rows in memory at a time.
    progress
        Called after each piece with the rows done and those of all, if known.

    Raises
    ------
    LocateError
        If a table cannot be read or written, or a column is not found.
    """

    def answer(piece: pd.DataFrame, named: Mapping[str, str]) -> pd.DataFrame:
        lon, lat = (parse_numbers(piece[named[axis]], largest=_LARGEST).amounts for axis in ("lon", "lat"))
        return locate(pd.Series(lon), pd.Series(lat)).to_frame(piece.index)

    return _each_piece(source, output, ("lon", "lat"), columns or {}, answer, piece_rows, progress)


def match_addresses(
    source: Path,
    output: Path,
    match: MatchMany,
    *,
    columns: Mapping[str, str | None] | None = None,
    piece_rows: int = PIECE_ROWS,
    progress: Progress = no_progress,
) -> Summary:
    """
    Add what is known of the addresses of a table.

    The columns are ``grid_code, status, accepted, confidence, level, address_id, matched_address, candidates``;
    ``grid_code`` is given where it is certain alone, ``candidates`` are ids parted by blanks.

    Parameters
    ----------
    source, output, piece_rows, progress
        As of :func:`locate_points`.
    match
        Matches the addresses of a piece.
    columns
        Column by ``address`` where it is not recognised by name.

    Raises
    ------
    LocateError
        As :func:`locate_points`.
    """

    def answer(piece: pd.DataFrame, named: Mapping[str, str]) -> pd.DataFrame:
        texts = as_text(piece[named["address"]]).fillna("").tolist()
        return _frame(match(texts), piece.index)

    return _each_piece(source, output, ("address",), columns or {}, answer, piece_rows, progress)


def _frame(matches: Iterable[Match], index: pd.Index) -> pd.DataFrame:
    rows = [
        (
            each.grid_code if each.accepted or each.grid_certain else None,
            each.status,
            each.accepted,
            each.confidence,
            each.level,
            each.address_id,
            each.normalized or None,
            " ".join(candidate.address_id for candidate in each.candidates) or None,
        )
        for each in matches
    ]
    names = ["grid_code", "status", "accepted", "confidence", "level", "address_id", "matched_address", "candidates"]
    return pd.DataFrame(rows, columns=names, index=index).astype({"grid_code": object, "status": object})


def _each_piece(
    source: Path,
    output: Path,
    wanted: tuple[str, ...],
    given: Mapping[str, str | None],
    answer: Callable[[pd.DataFrame, Mapping[str, str]], pd.DataFrame],
    piece_rows: int,
    progress: Progress,
) -> Summary:
    check_output(output)
    statuses: Counter[str] = Counter()
    with read_pieces(source, piece_rows=piece_rows) as table:
        named = find_columns(table.names, wanted, given)
        with write_pieces(output) as write:
            done = 0
            for piece in table.pieces:
                found = answer(piece, named)
                statuses.update(found["status"])
                write(_joined(piece, found))
                done += len(piece)
                progress(done, table.n_rows)
            if not done:
                empty = pd.DataFrame({name: pd.Series(dtype=object) for name in table.names})
                write(_joined(empty, answer(empty, named)))
    return Summary(done, dict(statuses), named)


def _joined(piece: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return a piece with its answers beside it; a name that the piece has already gets an ending."""
    renamed = found.set_axis([f"{name}{_CLASH}" if name in piece else str(name) for name in found], axis=1)
    return pd.concat([piece, renamed], axis=1)
