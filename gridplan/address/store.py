"""A matcher of standard addresses as one file: arrays that are mapped, changes since, and the fitted confidence."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from gridplan.address.confidence import Calibration
from gridplan.address.crowd import Crowd
from gridplan.address.edits import add_alias
from gridplan.address.files import Arrays, read_arrays, write_arrays
from gridplan.address.fuzzy import NearIndex
from gridplan.address.gazetteer import Gazetteer
from gridplan.address.index import Column, Index
from gridplan.address.matcher import StandardMatcher
from gridplan.address.postings import Postings
from gridplan.address.street_match import StreetMatcher
from gridplan.address.street_store import GRAMMARS, opened_streets
from gridplan.address.strings import Strings, Vocabulary

_WORDS = ("names", "roads", "labels", "grids")
_SPOTS = ("spot_area", "spot_road", "spot_door", "spot_name", "spot_alias")
_RECORDS = ("starts", "building", "unit", "room", "row")
_TEXTS = ("ids", "texts")
_ROWS = ("row_grid", "lon", "lat")


def save_matcher(path: Path, matcher: StandardMatcher) -> None:
    """
    Write a matcher as one file, complete or not at all.

    Changes made since the index was built are kept beside it and are not worked into it.

    Parameters
    ----------
    path
        File to write.
    matcher
        The matcher.
    """
    index, gazetteer = matcher.index, matcher.gazetteer
    arrays: Arrays = {}
    for name in _WORDS:
        _put(arrays, name, Strings.of(getattr(index, name).texts))
    for name in _TEXTS:
        _put(arrays, name, getattr(index, name).base)
    for name in (*_SPOTS, *_ROWS):
        arrays[name] = getattr(index, name).base
    for name in _RECORDS:
        arrays[name] = getattr(index, name)
    for name in ("near_names", "near_roads"):
        near = getattr(gazetteer, name)
        arrays[f"{name}.keys"], arrays[f"{name}.owners"] = near.keys, near.owners
    for name in ("by_name", "by_door"):
        arrays[f"{name}.keys"], arrays[f"{name}.values"] = getattr(index, name).keys, getattr(index, name).values
    for name in ("calibration", "barred", "tied"):
        fitted = getattr(matcher, name)
        arrays[f"{name}.evidence"], arrays[f"{name}.probability"] = fitted.evidence, fitted.probability
    write_arrays(path, _header(matcher), arrays)


def _put(arrays: Arrays, name: str, texts: Strings) -> None:
    arrays[f"{name}.data"], arrays[f"{name}.ends"] = texts.data, texts.ends


def _header(matcher: StandardMatcher) -> dict[str, Any]:
    index = matcher.index
    changed = {name: _changes(getattr(index, name)) for name in (*_SPOTS, *_ROWS, *_TEXTS)}
    return {
        "grammar": "standard",
        "areas": index.areas,
        "districts": sorted(matcher.districts),
        "threshold": matcher.threshold,
        "crowd": [matcher.crowd.slips, matcher.crowd.sounds],
        "aliases": matcher.aliases,
        "added": changed,
        "records": [[spot, records] for spot, records in index.changed.items()],
        "removed": sorted(index.removed),
        "by_name": list(index.by_name.changed.items()),
        "by_door": list(index.by_door.changed.items()),
        "near": [matcher.gazetteer.n_near_names, matcher.gazetteer.n_near_roads],
    }


def _changes(column: Column[Any]) -> list[Any]:
    return [column.added, list(column.replaced.items())]


def open_matcher(path: Path) -> StandardMatcher | StreetMatcher:
    """
    Open a matcher of any grammar that was saved.

    Parameters
    ----------
    path
        File of :func:`save_matcher` or :func:`gridplan.address.street_store.save_streets`.

    Raises
    ------
    LocateError
        If the file is none of these.
    """
    collecting = gc.isenabled()
    # Some hundred thousand words are made and none goes: looking for rubbish among them takes longer than they do.
    gc.disable()
    try:
        header, arrays = read_arrays(path)
        return opened_streets(header, arrays) if header["grammar"] in GRAMMARS else _opened(header, arrays)
    finally:
        if collecting:
            gc.enable()


def _opened(header: dict[str, Any], arrays: Arrays) -> StandardMatcher:
    index = _index(header, arrays)
    near = tuple(NearIndex(arrays[f"{name}.keys"], arrays[f"{name}.owners"]) for name in ("near_names", "near_roads"))
    gazetteer = Gazetteer.of(index, (near[0], near[1]), tuple(header["near"]))
    clear, barred, tied = (
        Calibration(arrays[f"{name}.evidence"], arrays[f"{name}.probability"])
        for name in ("calibration", "barred", "tied")
    )
    districts, aliases = frozenset(header["districts"]), header["aliases"]
    matcher = StandardMatcher(
        index, gazetteer, clear, barred, tied, header["threshold"], districts, crowd=Crowd(*header["crowd"])
    )
    for name, meaning in aliases:
        add_alias(matcher, name, meaning)
    return matcher


def _index(header: dict[str, Any], arrays: Arrays) -> Index:
    words = {name: Vocabulary(_strings(arrays, name).tolist()) for name in _WORDS}
    columns: dict[str, Column[Any]] = {name: Column(arrays[name]) for name in (*_SPOTS, *_ROWS)}
    columns |= {name: Column(_strings(arrays, name)) for name in _TEXTS}
    for name, (added, replaced) in header["added"].items():
        columns[name].added = added
        columns[name].replaced = {int(place): value for place, value in replaced}
    postings = {
        name: Postings(arrays[f"{name}.keys"], arrays[f"{name}.values"], {int(key): held for key, held in header[name]})
        for name in ("by_name", "by_door")
    }
    records = {name: arrays[name] for name in _RECORDS}
    kept = {int(spot): [tuple(record) for record in held] for spot, held in header["records"]}
    areas = [tuple(area) for area in header["areas"]]
    parts: dict[str, Any] = {**words, **columns, **postings, **records}
    return Index(areas=areas, changed=kept, removed=set(header["removed"]), **parts)


def _strings(arrays: Arrays, name: str) -> Strings:
    return Strings(arrays[f"{name}.data"], arrays[f"{name}.ends"])
