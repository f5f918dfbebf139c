"""Changes to a table that is in use: addresses added, changed and taken out, other names remembered."""

from __future__ import annotations

from gridplan.address.build import Row, Words, add_row, remove_row
from gridplan.address.matcher import StandardMatcher
from gridplan.address.standard import Grammar
from gridplan.address.text import fold
from gridplan.address.variants import ALIAS, EXACT
from gridplan.errors import LocateError


def put(matcher: StandardMatcher, row: Row) -> None:
    """
    Add an address, or change the one with the same id, without building the index again.

    Parameters
    ----------
    matcher
        Changed in place.
    row
        The address.
    """
    index = matcher.index
    known = index.find_row(row.address_id)
    words = _words(matcher)
    if known >= 0:
        remove_row(index, words, known)
    sizes = len(index.names), len(index.roads), len(index.areas)
    add_row(index, words, row)
    _learn(matcher, *sizes)


def remove(matcher: StandardMatcher, address_id: str) -> None:
    """
    Take an address out.

    Parameters
    ----------
    matcher
        Changed in place.
    address_id
        Id of a row.

    Raises
    ------
    LocateError
        If no row has this id.
    """
    known = matcher.index.find_row(address_id)
    if known < 0:
        msg = f"{address_id}: expected the id of an address in the table; found none with it."
        raise LocateError(msg)
    remove_row(matcher.index, _words(matcher), known)


def add_alias(matcher: StandardMatcher, name: str, meaning: str) -> None:
    """
    Remember another name for a compound or a place.

    Parameters
    ----------
    matcher
        Changed in place.
    name
        What people say.
    meaning
        The name as the table has it, or any address that is matched for certain.

    Raises
    ------
    LocateError
        If the name is too short to be found, or the meaning is not known for certain.
    """
    said = fold(name)
    number = _meant(matcher, meaning)
    if len(said) < 2 or number < 0:
        msg = (
            f"{name} = {meaning}: expected a name of two characters or more, and a name of the table or an address "
            "that is matched for certain; found none. Give the full standard address."
        )
        raise LocateError(msg)
    matcher.gazetteer.add_name(said, number, ALIAS)
    matcher.aliases.append((name, meaning))


def _meant(matcher: StandardMatcher, meaning: str) -> int:
    """Return the number of the name meant, -1 for none."""
    index = matcher.index
    number = index.names.get(fold(meaning))
    if number >= 0:
        return number
    found = matcher.match(meaning)
    row = index.find_row(found.address_id) if found.accepted and found.address_id else -1
    if row < 0:
        return -1
    parts = Grammar(set(matcher.districts)).parse(fold(index.texts[row]))
    return index.names.get(parts.name) if parts.name else -1


def _words(matcher: StandardMatcher) -> Words:
    index = matcher.index
    return Words(Grammar(set(matcher.districts)), index.names, index.roads, index.labels, index.areas)


def _learn(matcher: StandardMatcher, names: int, roads: int, areas: int) -> None:
    """Enter the words that a new row has brought."""
    index, gazetteer = matcher.index, matcher.gazetteer
    for number in range(names, len(index.names)):
        gazetteer.add_name(index.names.texts[number], number, EXACT)
    for number in range(roads, len(index.roads)):
        gazetteer.add_road(index.roads.texts[number], number)
    for area in index.areas[areas:]:
        gazetteer.add_area(area)
    if len(index.areas) > areas:
        gazetteer.refresh_areas()
