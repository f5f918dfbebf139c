"""Which address of the user's own table a text means, and which grid owns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import pandas as pd

from gridplan.address.answer import Match, Matcher
from gridplan.address.edits import add_alias, put, remove
from gridplan.address.matcher import StandardMatcher
from gridplan.address.misses import MissLog
from gridplan.address.store import open_matcher, save_matcher
from gridplan.address.street_choice import street_grammar
from gridplan.address.street_match import StreetMatcher
from gridplan.address.street_store import GRAMMARS as STREET_GRAMMARS
from gridplan.address.street_store import save_streets
from gridplan.address.strings import Strings
from gridplan.address.table import AddressTable, read_addresses
from gridplan.datum import Datum
from gridplan.errors import LocateError

if TYPE_CHECKING:
    from gridplan.address.build import Row
    from gridplan.locate import Located, LocatedMany, PointIndex
    from gridplan.locate.index import Many

GrammarName = Literal["standard", "taiwan", "western"]
GRAMMARS: tuple[GrammarName, ...] = ("standard", "taiwan", "western")

_SAMPLE = 500


class Locator:
    """
    An address table, ready to be asked; see :meth:`from_table` and :meth:`open`.

    Parameters
    ----------
    matcher
        A grammar of addresses over the table.
    grammar
        Its name.
    points
        The grids of a plan, for coordinates; None where there is no plan.
    remarks
        What was odd in the table, in Chinese and English.
    """

    def __init__(
        self,
        matcher: Matcher,
        grammar: GrammarName = "standard",
        points: PointIndex | None = None,
        remarks: Sequence[str] = (),
    ) -> None:
        self.matcher, self.grammar, self.points = matcher, grammar, points
        self.remarks = tuple(remarks)
        self._misses: MissLog | None = None

    @classmethod
    def from_table(
        cls,
        source: str | Path | pd.DataFrame,
        *,
        grammar: GrammarName | None = None,
        plan: Any = None,
        columns: Mapping[str, str] | None = None,
        layer: str | None = None,
        datum: Datum = "wgs84",
    ) -> Locator:
        """
        Index a table of addresses and fit the confidence of answers to it.

        Parameters
        ----------
        source
            A frame, or the path of a JSON lines, CSV, Parquet, GeoPackage, GeoJSON, Shapefile or Excel file, with
            the columns of the layer ``addresses`` and, where known, ``grid_code``.
        grammar
            ``standard`` (China), ``taiwan`` or ``western``; found from the table where not given.
        plan
            A plan, its grids or the path of its file: gives the grid of rows with coordinates, and of points.
        columns
            Names in the table by names of the contract.
        layer
            Layer or sheet of the file.
        datum
            Datum of ``lon`` and ``lat``.

        Raises
        ------
        InputError
            If the table cannot be read or used; all faults at once.
        LocateError
            If the grammar is unknown.
        """
        table = read_addresses(source, columns=columns, layer=layer, datum=datum)
        points = None
        remarks = list(table.remarks)
        if plan is not None:
            from gridplan.locate import PointIndex

            points = PointIndex.from_plan(plan)
            table = with_grids(table, points, remarks)
        name = grammar or grammar_of(_spread(table))
        return cls(_matcher(table, name), name, points, remarks)

    @classmethod
    def open(cls, path: str | Path, *, plan: Any = None) -> Locator:
        """
        Open an index that was saved.

        Parameters
        ----------
        path
            File of :meth:`save`.
        plan
            As of :meth:`from_table`, for coordinates.

        Raises
        ------
        LocateError
            If the file is no index.
        """
        from gridplan.locate import PointIndex

        points = None if plan is None else PointIndex.from_plan(plan)
        matcher = open_matcher(Path(path))
        name = "standard" if isinstance(matcher, StandardMatcher) else matcher.grammar.name
        return cls(matcher, cast("GrammarName", name), points)

    def save(self, path: str | Path) -> None:
        """
        Write the index with all aliases and changes as one file, complete or not at all.

        Parameters
        ----------
        path
            File to write.
        """
        if isinstance(self.matcher, StreetMatcher):
            save_streets(Path(path), self.matcher)
        else:
            save_matcher(Path(path), self._standard())

    @property
    def threshold(self) -> float:
        """Confidence from which an answer may be accepted."""
        return self.matcher.threshold

    def match(self, text: str) -> Match:
        """
        Answer which address a text means; never raises for what the text holds.

        Parameters
        ----------
        text
            What was typed or heard.
        """
        found = self.matcher.match(text)
        if self._misses is not None:
            self._misses.add(found)
        return found

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """
        Answer many texts, in their order.

        Parameters
        ----------
        texts
            What was typed or heard.
        """
        return [self.match(text) for text in texts]

    @overload
    def locate(self, lon: float | None, lat: float | None, *, datum: Datum = "wgs84") -> Located: ...
    @overload
    def locate(self, lon: Many, lat: Many, *, datum: Datum = "wgs84") -> LocatedMany: ...
    def locate(self, lon: Any, lat: Any, *, datum: Datum = "wgs84") -> Located | LocatedMany:
        """
        Return the grid that owns a point, or those that own many.

        Parameters
        ----------
        lon, lat
            Degrees; arrays of one length for many points.
        datum
            Their datum.

        Raises
        ------
        LocateError
            If the locator was made without a plan.
        """
        if self.points is None:
            msg = "locate: expected a locator made with a plan; found none. Give plan=PLAN to from_table or open."
            raise LocateError(msg)
        found: Located | LocatedMany = self.points.locate(lon, lat, datum=datum)
        return found

    def add_alias(self, name: str, meaning: str) -> None:
        """
        Remember another name for a compound or place; kept by :meth:`save`.

        Parameters
        ----------
        name
            What people say.
        meaning
            The name as the table has it, or an address that is matched for certain.

        Raises
        ------
        LocateError
            If the meaning is not known for certain.
        """
        add_alias(self._standard(), name, meaning)

    def put(self, row: Row) -> None:
        """
        Add an address, or change the one with its id, without building the index again.

        Parameters
        ----------
        row
            The address.
        """
        if isinstance(self.matcher, StreetMatcher):
            self.matcher.index.put(row)
        else:
            put(self._standard(), row)

    def remove(self, address_id: str) -> None:
        """
        Take an address out without building the index again.

        Parameters
        ----------
        address_id
            Its id.

        Raises
        ------
        LocateError
            If no row has this id.
        """
        if not isinstance(self.matcher, StreetMatcher):
            remove(self._standard(), address_id)
        elif not self.matcher.index.remove(address_id):
            msg = f"{address_id}: expected the id of an address in the table; found none with it."
            raise LocateError(msg)

    def log_misses(self, path: str | Path | None) -> None:
        """
        Keep the texts that are not accepted in a file, from now on; None to stop.

        Parameters
        ----------
        path
            File to which one line of JSON is added for each; see :mod:`gridplan.address.misses`.
        """
        self._misses = None if path is None else MissLog(path)

    def misses(self, most: int = 100) -> list[tuple[str, int]]:
        """
        Return the texts that were not accepted, the commonest first, with how often each came.

        Parameters
        ----------
        most
            Number of texts returned.
        """
        return [] if self._misses is None else self._misses.by_frequency(most)

    def _standard(self) -> StandardMatcher:
        if not isinstance(self.matcher, StandardMatcher):
            msg = (
                f"expected a table of Chinese standard addresses; found {self.grammar}. Use the column aliases instead."
            )
            raise LocateError(msg)
        return self.matcher


def grammar_of(texts: Sequence[str]) -> GrammarName:
    """
    Return the grammar in which most of a table's addresses are written.

    Parameters
    ----------
    texts
        Addresses of the table; 500 of them are looked at.

    Examples
    --------
    >>> grammar_of(["12-16 Main Street"]), grammar_of(["臺南市東區裕農路123巷4弄5號之2三樓"])
    ('western', 'taiwan')
    >>> grammar_of(["黑龙江省伊春市乌翠区乌马河镇锦绣社区龙方路289号永乐家园1号楼"])
    'standard'
    """
    found = street_grammar(texts)
    return "standard" if found is None else cast("GrammarName", found.name)


def _spread(table: AddressTable) -> list[str]:
    """Return a sample of a table's addresses, spread evenly over it."""
    return [table.texts[place] for place in range(0, len(table), max(1, len(table) // _SAMPLE))]


def _matcher(table: AddressTable, grammar: str) -> Matcher:
    if grammar == "standard":
        return StandardMatcher.of(table)
    if grammar in STREET_GRAMMARS:
        return StreetMatcher(table, STREET_GRAMMARS[grammar]())
    msg = f"grammar: expected one of {', '.join(GRAMMARS)}; found {grammar}."
    raise LocateError(msg)


def with_grids(table: AddressTable, points: PointIndex, remarks: list[str]) -> AddressTable:
    """
    Give the rows of a table the grids of a plan; a grid that the table states is kept.

    Parameters
    ----------
    table
        The table.
    points
        The grids.
    remarks
        Takes how many rows lie in no grid.
    """
    located = points.locate_many(table.lon, table.lat)
    codes = Strings.of(own or (code or "") for own, code in zip(table.grids, located.grid_code, strict=True))
    outside = sum(not code for code in codes)
    if outside:
        remarks.append(f"{outside} 个地址不在任何网格内 / {outside} addresses lie in no grid")
    return AddressTable(table.ids, table.texts, table.aliases, codes, table.lon, table.lat, table.remarks)
