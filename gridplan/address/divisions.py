"""China's divisions of county level and above: which city a name belongs to, and what old names have become."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = files("gridplan.address").joinpath(name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def places() -> MappingProxyType[str, frozenset[tuple[str, str]]]:
    """
    Return all names of provinces, cities and counties, each with the (province, city) that it lies in.

    Abolished counties are among them, the city is "" where a county belongs to the province; names of two
    characters (东区, 城区) say too little and are left out.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for line in _lines("divisions.txt"):
        province, city, counties = line.split("|")
        home = (province, "" if city == "-" else city)
        for name in (province, city, *counties.split()):
            if len(name) > 2:
                found.setdefault(name, set()).add(home)
    return MappingProxyType({name: frozenset(homes) for name, homes in found.items()})


@cache
def former() -> MappingProxyType[str, tuple[tuple[str, str], ...]]:
    """Return the districts that no longer are, each with the cities it lay in and what it became."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in _lines("former.txt"):
        city, old, new, _ = line.split()
        found.setdefault(old, []).append((city, new))
    return MappingProxyType({old: tuple(pairs) for old, pairs in found.items()})
