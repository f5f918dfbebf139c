"""A matcher of street addresses as one file: its rows, what they were taken apart into, and the measured confidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gridplan.address.confidence import Calibration
from gridplan.address.files import Arrays, write_arrays
from gridplan.address.street import Grammar
from gridplan.address.street_confidence import Confidence
from gridplan.address.street_entries import AreaKey, Entries, Taken, Words
from gridplan.address.street_match import StreetMatcher
from gridplan.address.street_taiwan import Taiwan
from gridplan.address.street_western import Western
from gridplan.address.strings import Strings
from gridplan.address.table import AddressTable

#: The grammars of street addresses by name.
GRAMMARS: dict[str, type[Taiwan] | type[Western]] = {"taiwan": Taiwan, "western": Western}
_ENTRIES = ("key", "high", "tail", "row")
_TEXTS = ("ids", "texts", "aliases", "grids")


def save_streets(path: Path, matcher: StreetMatcher) -> None:
    """
    Write a matcher of street addresses as one file, complete or not at all, with all changes.

    Parameters
    ----------
    path
        File to write.
    matcher
        The matcher.
    """
    rows, taken = matcher.index.rows, matcher.index.taken
    arrays: Arrays = {name: getattr(taken.entries, name) for name in _ENTRIES}
    arrays |= {"area": taken.area, "unit": taken.unit}
    columns = (
        (row.address_id for row in rows), (row.address for row in rows),
        (";".join(row.aliases) for row in rows), (row.grid_code for row in rows),
    )  # fmt: skip
    for name, column in zip(_TEXTS, columns, strict=True):
        texts = Strings.of(column)
        arrays[f"{name}.data"], arrays[f"{name}.ends"] = texts.data, texts.ends
    arrays["lon"] = np.fromiter((row.lon for row in rows), dtype=np.float64, count=len(rows))
    arrays["lat"] = np.fromiter((row.lat for row in rows), dtype=np.float64, count=len(rows))
    fitted = matcher.confidence.of
    arrays |= {"evidence": fitted.evidence, "probability": fitted.probability}
    write_arrays(path, _header(matcher), arrays)


def _header(matcher: StreetMatcher) -> dict[str, Any]:
    words = matcher.index.taken.words
    return {
        "grammar": matcher.grammar.name,
        "threshold": matcher.threshold,
        "between": matcher.confidence.between,
        "gone": sorted(matcher.index.rows.gone),
        "ways": list(words.ways),
        "areas": list(words.areas),
        "tails": list(words.tails),
        "units": list(words.units),
    }


def opened_streets(header: dict[str, Any], arrays: Arrays) -> StreetMatcher:
    """
    Return the matcher that was written.

    Parameters
    ----------
    header, arrays
        What :func:`save_streets` wrote, as :func:`gridplan.address.files.read_arrays` returns it.
    """
    grammar: Grammar = GRAMMARS[header["grammar"]]()
    texts = {name: Strings(arrays[f"{name}.data"], arrays[f"{name}.ends"]) for name in _TEXTS}
    ids, addresses, aliases, grids = (texts[name] for name in _TEXTS)
    table = AddressTable(ids, addresses, aliases, grids, arrays["lon"], arrays["lat"])
    entries = Entries(*(arrays[name] for name in _ENTRIES))
    taken = Taken(_words(header), entries, arrays["area"], arrays["unit"])
    confidence = Confidence(Calibration(arrays["evidence"], arrays["probability"]), header["between"])
    made = StreetMatcher(table, grammar, threshold=header["threshold"], saved=(taken, confidence))
    made.index.rows.gone.update(header["gone"])
    return made


def _words(header: dict[str, Any]) -> Words:
    ways = {(road, section, lane, alley, sub): k for k, (road, section, lane, alley, sub) in enumerate(header["ways"])}
    areas: dict[AreaKey, int] = {
        tuple((kind, name) for kind, name in area): k for k, area in enumerate(header["areas"])
    }
    tails, units = ({text: k for k, text in enumerate(header[name])} for name in ("tails", "units"))
    return Words(ways, areas, tails, units)
