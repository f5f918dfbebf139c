"""Reading a source: every layer as far as it can be read, all faults at once, then the settled district."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pyproj import CRS
from pyproj import network as proj_network

from gridplan.district import District
from gridplan.errors import InputError
from gridplan.schema import LAYERS, SOURCE_TABLE, nearest
from gridplan.sources import gdal
from gridplan.sources.buildings import settle_buildings
from gridplan.sources.canonical import canonical, digest_of
from gridplan.sources.communities import settle_communities
from gridplan.sources.extras import (
    report_claimed_twice,
    settle_barriers,
    settle_entrances,
    settle_exclusive,
    settle_grids,
)
from gridplan.sources.formats import read_table
from gridplan.sources.frames import Frame, working_crs
from gridplan.sources.layers import clean_layer
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Manifest, Table, read_manifest
from gridplan.sources.mapping import Part, map_table
from gridplan.sources.placing import concatenate, frame_of, place
from gridplan.sources.report import Report
from gridplan.sources.sniff import Format, detect


def read_source(path: str | Path, *, accept: Collection[str] = (), estimate: bool = False) -> District:
    """
    Read, check and settle a source.

    Parameters
    ----------
    path
        A GeoPackage with the contract's layers, or a TOML file that says where they are.
    accept
        Codes of faults to accept, beside those that the source accepts itself.
    estimate
        Whether missing households are estimated.

    Returns
    -------
    district
        The district in one projected metric CRS.

    Raises
    ------
    InputError
        If anything refuses the run; it carries all faults, warnings and notes included.
    """
    report = check_source(path, accept=accept, estimate=estimate)
    if report.district is None:
        raise InputError(report.faults)
    return report.district


def check_source(path: str | Path, *, accept: Collection[str] = (), estimate: bool = False) -> Report:
    """
    Check a source and report all its faults; never raises for bad input.

    Parameters
    ----------
    path, accept, estimate
        As of :func:`read_source`.
    """
    proj_network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # re-exported without __all__
    log = FaultLog()
    log.accept_codes(accept)
    manifest = _manifest(Path(path), log)
    if manifest is None:
        return Report(str(path), log.sorted())
    log.accept_codes(manifest.accept)
    manifest = replace(manifest, estimate=manifest.estimate or estimate)
    parts = _read_parts(manifest, log)
    reading = _place_parts(parts, manifest, log)
    district = _settle(reading, manifest, log)
    counts = {name: len(rows) for name, rows in reading.layers.items()}
    return Report(str(path), log.sorted(), district, counts)


def _manifest(path: Path, log: FaultLog) -> Manifest | None:
    if not path.is_file():
        names = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        log.add("source-missing", file=str(path), nearest=nearest(path.name, names) or "-")
        return None
    if path.suffix.lower() == ".toml":
        return read_manifest(path, log)
    kind, content = detect(path)
    if kind is not Format.GEOPACKAGE:
        log.add("source-unknown-format", file=path.name, content=content)
        return None
    return _geopackage_manifest(path, log)


def _geopackage_manifest(path: Path, log: FaultLog) -> Manifest | None:
    try:
        names = gdal.layer_names(path)
        own = _own_table(path) if SOURCE_TABLE in names else {}
    # A broken GeoPackage fails in ways of GDAL's own choosing.
    except Exception as error:
        log.add("file-unreadable", file=path.name, reason=str(error)[:300])
        return None
    tables = tuple(Table(name, path.resolve(), path.name, sublayer=name) for name in LAYERS if name in names)
    for name in sorted(set(names) - set(LAYERS) - {SOURCE_TABLE, "layer_styles"}):
        log.add("layer-ignored", file=path.name, value=name, nearest=nearest(name, LAYERS) or "-")
    rules = own.get("rules")
    return Manifest(
        path.stem,
        tables,
        households_are=own.get("households_are"),
        notice=own.get("notice"),
        rules=rules if isinstance(rules, dict) else {},
    )


def _own_table(path: Path) -> dict[str, Any]:
    frame, _ = gdal.read_layer(path, layer=SOURCE_TABLE)
    return {str(key): json.loads(value) for key, value in zip(frame["key"], frame["value"], strict=True)}


def _read_parts(manifest: Manifest, log: FaultLog) -> dict[str, list[Part]]:
    parts: dict[str, list[Part]] = {}
    for table in manifest.tables:
        raw = read_table(table, log)
        found = parts.setdefault(table.layer, [])
        if raw is not None:
            found.append(map_table(raw, table, log, estimate=manifest.estimate))
    for name, layer in LAYERS.items():
        if layer.required and name not in parts:
            log.add("layer-missing", name)
    return parts


@dataclass
class _Reading:
    """The layers in the working CRS, and the frames in which they came."""

    crs: CRS | None
    layers: dict[str, pd.DataFrame]
    frames: dict[str, Frame]

    def frames_of(self, *names: str) -> tuple[Frame, Frame] | None:
        first, second = (self.frames.get(name) for name in names)
        return None if first is None or second is None else (first, second)


def _place_parts(parts: dict[str, list[Part]], manifest: Manifest, log: FaultLog) -> _Reading:
    framed = {
        name: [(part, frame_of(part, manifest, log) if part.geometry is not None else None) for part in several]
        for name, several in parts.items()
    }
    crs = _choose_crs(framed, log)
    layers, frames = {}, {}
    for name, several in framed.items():
        if not several:
            continue
        rows = concatenate([place(part, frame, crs, log) for part, frame in several])
        if not len(rows):
            log.add("layer-empty" if LAYERS[name].required else "optional-layer-empty", name)
            continue
        layers[name] = clean_layer(rows, LAYERS[name], log)
        known = [frame for _, frame in several if frame is not None]
        if known:
            frames[name] = known[0]
    return _Reading(crs, layers, frames)


def _choose_crs(framed: Mapping[str, list[tuple[Part, Frame | None]]], log: FaultLog) -> CRS | None:
    """Return the working CRS: by the communities, or by the first layer that has a frame."""
    for name in LAYERS:
        for part, frame in framed.get(name, ()):
            if frame is not None and part.geometry is not None and len(part.geometry):
                crs = working_crs(frame, part.geometry)
                if crs != frame.crs or frame.shifted:
                    log.add("working-crs", value=f"{crs.to_string()[:40]} ({crs.name})")
                return crs
    return None


def _settle(reading: _Reading, manifest: Manifest, log: FaultLog) -> District | None:
    layers = reading.layers
    communities = _communities(reading, log)
    settled: dict[str, pd.DataFrame] = {} if communities is None else {"communities": communities}
    if "buildings" in layers:
        settled["buildings"] = settle_buildings(
            layers["buildings"],
            communities,
            log,
            estimate=manifest.estimate,
            frames=reading.frames_of("communities", "buildings"),
        )
    if "barriers" in layers:
        settled["barriers"] = settle_barriers(layers["barriers"], log)
    if "grids" in layers:
        settled["grids"] = settle_grids(layers["grids"], communities, log)
    if "exclusive" in layers:
        settled["exclusive"] = settle_exclusive(layers["exclusive"], communities, log)
        report_claimed_twice(settled["exclusive"], settled.get("grids"), log)
    if "entrances" in layers and "buildings" in settled:
        known = layers["buildings"]["building_id"]
        settled["entrances"] = settle_entrances(layers["entrances"], settled["buildings"], known, log)
    settled |= {name: layers[name] for name in ("addresses", "incidents") if name in layers}
    for name in ("communities", "buildings"):
        if name in settled and not len(settled[name]) and not log.broken:
            log.add("layer-empty", name)
    if log.broken or reading.crs is None:
        return None
    return _district(settled, reading.crs, manifest, log)


def _communities(reading: _Reading, log: FaultLog) -> pd.DataFrame | None:
    if "communities" not in reading.layers:
        return None
    communities = settle_communities(reading.layers["communities"], log)
    communities.attrs["crs"] = reading.crs
    return communities


def _district(settled: Mapping[str, pd.DataFrame], crs: CRS, manifest: Manifest, log: FaultLog) -> District:
    frames = {name: canonical(rows, name, crs) for name, rows in settled.items() if len(rows)}
    district = District(
        name=manifest.name,
        crs=crs,
        households_are=manifest.households_are,
        notice=manifest.notice,
        rules=manifest.rules,
        faults=log.sorted(),
        **frames,
    )
    return replace(district, digest=digest_of(district))
