"""The rows of a table of street addresses, and those that came later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from gridplan.address.build import Row


class Rows(Sequence["Row"]):
    """
    Rows of a table as they are, and rows added behind them; one that is taken out keeps its place.

    Parameters
    ----------
    base
        Addresses with different ids.
    """

    def __init__(self, base: Sequence[Row]) -> None:
        self._base = base
        self._added: list[Row] = []
        self._places: dict[str, int] | None = None
        self.gone: set[int] = set()

    def __len__(self) -> int:
        return len(self._base) + len(self._added)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        return self._base[place] if place < len(self._base) else self._added[place - len(self._base)]

    def __iter__(self) -> Iterator[Row]:
        yield from self._base
        yield from self._added

    def add(self, row: Row) -> None:
        """Add a row whose id no row has."""
        self._by_id()[row.address_id] = len(self)
        self._added.append(row)

    def pop(self, address_id: str) -> int:
        """Take a row out, and return its place; -1 where no row has this id."""
        place = self._by_id().pop(address_id, -1)
        if place >= 0:
            self.gone.add(place)
        return place

    def _by_id(self) -> dict[str, int]:
        """Return the places of rows by id: made when a row is first changed."""
        if self._places is None:
            held = ((row.address_id, place) for place, row in enumerate(self) if place not in self.gone)
            self._places = dict(held)
        return self._places
