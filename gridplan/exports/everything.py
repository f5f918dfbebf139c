"""All deliverables that are asked for, written together: all of them complete, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from gridplan.errors import ExportError
from gridplan.exports.changes import write_changes
from gridplan.exports.dossier import Dossier
from gridplan.exports.ledger import write_ledger
from gridplan.exports.paper import PaperName
from gridplan.exports.register import write_register
from gridplan.exports.sides import sides_of
from gridplan.exports.together import Together, together
from gridplan.exports.vectors import ENCODINGS, write_geojson, write_package, write_shapefile

#: Names of the deliverables.
DELIVERABLES = ("ledger", "register", "changes", "geojson", "geopackage", "shapefile", "sheets")
# What a file may be called, whatever a code holds.
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def export_all(
    dossier: Dossier, wanted: Mapping[str, Path], *, encoding: str = "utf-8", paper: PaperName = "auto"
) -> list[Path]:
    """
    Write deliverables.

    Parameters
    ----------
    dossier
        Plan, days, source, language.
    wanted
        Where to write each, by its name of `DELIVERABLES`; ``shapefile`` and ``sheets`` are folders, the others
        files.
    encoding
        Of the shapefile: ``utf-8`` or ``gb18030``.
    paper
        Of the map sheets: ``A4``, ``A3`` or ``auto``.

    Returns
    -------
    paths
        All files written.

    Raises
    ------
    ExportError
        If one cannot be made; none is written then.
    OSError
        If a folder cannot be written.
    """
    unknown = [name for name in wanted if name not in DELIVERABLES]
    if unknown or encoding not in ENCODINGS:
        raise ExportError(f"expected some of {', '.join(DELIVERABLES)} in {' or '.join(ENCODINGS)}, found {wanted}")
    with together() as files:
        work = _Work(dossier, files, encoding, paper)
        for name in DELIVERABLES:
            if name in wanted:
                getattr(work, name)(Path(wanted[name]))
        return list(files.drafts)


class _Work:
    """Makes each deliverable; what several need is computed once."""

    def __init__(self, dossier: Dossier, files: Together, encoding: str, paper: PaperName) -> None:
        self.dossier, self.files, self.encoding, self.paper = dossier, files, encoding, paper

    @cached_property
    def sides(self) -> pd.DataFrame:
        return sides_of(self.dossier)

    def ledger(self, path: Path) -> None:
        write_ledger(self.dossier, self.files.draft(path), self.sides)

    def register(self, path: Path) -> None:
        write_register(self.dossier, self.files.draft(path), self.sides)

    def changes(self, path: Path) -> None:
        write_changes(self.dossier, self.files.draft(path))

    def geojson(self, path: Path) -> None:
        write_geojson(self.dossier, self.files.draft(path), self.sides)

    def geopackage(self, path: Path) -> None:
        write_package(self.dossier, self.files.draft(path), self.sides)

    def shapefile(self, path: Path) -> None:
        folder = self.files.folder(path)
        write_shapefile(self.dossier, folder, self.files, encoding=self.encoding, sides=self.sides)

    def sheets(self, path: Path) -> None:
        from gridplan.exports.mapsheet import write_sheet

        folder = self.files.folder(path)
        for community in self.dossier.grids["community_code"].unique():
            stem = _NOT_IN_NAMES.sub("-", str(community))
            paths = {kind: self.files.draft(folder / f"{stem}.{kind}") for kind in ("pdf", "png")}
            write_sheet(self.dossier, str(community), paths, self.paper)
