"""The Western grammar: numbers, ranges and doors of a street, with the abbreviations that people use."""

from __future__ import annotations

import pytest

from gridplan.address.build import Row
from gridplan.address.street_choice import street_grammar
from gridplan.address.street_match import StreetMatcher
from gridplan.address.street_western import Western

TABLE = {
    "range": ("12-16 MAIN ST", "g1"),
    "odd": ("13 MAIN ST", "g2"),
    "letter": ("20A MAIN ST", "g1"),
    "first": ("303 FIRST ST", "g3"),
    "unit2": ("5 ELM AVE #2", "g4"),
    "unit3": ("5 ELM AVE #3", "g4"),
    "half": ("33.5 TREMONT ST", "g5"),
    "obrien": ("199 MONSIGNOR OBRIEN HWY", "g6"),
    "mary": ("7 ST MARY RD", "g6"),
    "elm-st": ("5 ELM ST N", "g7"),
    "green": ("8 GREEN ST", "g7"),
}


@pytest.fixture(scope="module")
def matcher() -> StreetMatcher:
    rows = [Row(name, address, (), grid) for name, (address, grid) in TABLE.items()]
    return StreetMatcher(rows, Western())


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("12-16 Main Street", "range"),
        ("14 main st.", "range"),
        ("16 Main St, Apt 4B, Cambridge, MA 02139", "range"),
        ("13 Main Street", "odd"),
        ("20A Main St #20A", "letter"),
        ("303 1st Street, 3rd floor", "first"),
        ("5 Elm Avenue #3", "unit3"),
        ("33 1/2 Tremont St", "half"),
        ("199 Monsignor O’Brien Highway", "obrien"),
        ("7 Saint Mary Road", "mary"),
        ("5 Elm Street North", "elm-st"),
        ("please send somebody to 8 green st, near the church, (617) 555-0100", "green"),
    ],
)
def test_a_house_is_found_however_it_is_written(matcher: StreetMatcher, query: str, row: str) -> None:
    found = matcher.match(query)
    assert (found.address_id, found.accepted, found.grid_code) == (row, True, TABLE[row][1]), found


@pytest.mark.parametrize(
    "query", ["18 Main St", "15 Main St", "13 Maine St", "5 Elm Rd", "Main Street", "12", "#3", "\n"]
)
def test_what_the_table_does_not_say_is_not_accepted(matcher: StreetMatcher, query: str) -> None:
    assert not matcher.match(query).accepted


def test_doors_and_flats_of_a_house_leave_its_grid_certain(matcher: StreetMatcher) -> None:
    flats, door = matcher.match("5 Elm Ave"), matcher.match("20 Main St")
    assert (flats.status, flats.accepted, flats.grid_code) == ("ambiguous", False, "g4")
    assert (door.status, door.accepted, door.grid_code) == ("partial", False, "g1")


def test_neighbours_tell_the_grid_only_where_the_table_bears_it_out() -> None:
    """Grids change every 40 houses in one street, at every house in the other."""
    long = [Row(f"a{n}", f"{n} LONG ST", (), f"g{n // 80}") for n in range(2, 1_600, 2) if n % 10]
    mixed = [Row(f"b{n}", f"{n} MIXED ST", (), f"h{n % 3}") for n in range(2, 1_600, 2) if n % 10]
    sure, unsure = StreetMatcher(long, Western()), StreetMatcher([*long[:40], *mixed], Western())
    found = sure.match("50 Long St")
    assert (found.status, found.accepted, found.grid_code, found.address_id) == ("partial", False, "g0", None)
    assert not sure.match("80 Long St").grid_certain
    assert not unsure.match("50 Long St").grid_certain


def test_the_grammar_is_chosen() -> None:
    grammar = street_grammar([address for address, _ in TABLE.values()])
    assert grammar is not None
    assert grammar.name == "western"
