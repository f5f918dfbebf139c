"""The table of addresses, cut to what a scope sees before it is indexed, so that no answer depends on the rest."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.address.table import AddressTable, read_addresses
from gridplan.locate import PointIndex
from gridplan.locator import GrammarName, Locator, grammar_of, with_grids

_SAMPLE = 500


class AddressBook:
    """
    A table of standard addresses.

    Parameters
    ----------
    table
        Its rows.
    """

    def __init__(self, table: AddressTable) -> None:
        self.table = table
        self._grammar: GrammarName = grammar_of([table.texts[row] for row in _spread(len(table))])

    @classmethod
    def read(cls, path: Path) -> AddressBook:
        """
        Read a table.

        Parameters
        ----------
        path
            As of `gridplan.Locator.from_table`.

        Raises
        ------
        InputError
            If it cannot be read or used; all faults at once.
        """
        return cls(read_addresses(path))

    def locator(self, grids: gpd.GeoDataFrame, scope: str) -> Locator | None:
        """
        Return the addresses of a scope, ready to be asked, each in its grid; None where there are none.

        Parameters
        ----------
        grids
            Grids in force that the scope sees.
        scope
            Prefix of codes; with "" addresses in no grid count too.
        """
        placed = with_grids(self.table, PointIndex.from_plan(grids), [])
        codes = np.array(list(placed.grids), dtype=object)
        mine = pd.Series(codes).astype(str).str.startswith(scope).to_numpy()
        if not mine.any():
            return None
        frame = pd.DataFrame(
            {
                "address_id": list(placed.ids),
                "address": list(placed.texts),
                "aliases": list(placed.aliases),
                "grid_code": codes,
                "lon": placed.lon,
                "lat": placed.lat,
            }
        )
        return Locator.from_table(frame[mine].reset_index(drop=True), grammar=self._grammar)


def _spread(n_rows: int) -> range:
    return range(0, n_rows, max(1, n_rows // _SAMPLE))
