"""A plan on disk: the GeoPackage, its report and its map, all of them or none."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gridplan.plan import Plan
from gridplan.sources.gdal import write_geopackage


def report_path(output: Path) -> Path:
    """Return where the report of a plan stands: ``<name>.report.json`` beside it."""
    return output.with_name(f"{output.stem}.report.json")


def write_plan(plan: Plan, output: Path, *, page: str | None = None, page_path: Path | None = None) -> None:
    """
    Write a plan, its report and, where given, its map.

    Everything is made under other names first and moved into place at the end, the GeoPackage last: a reader who
    sees the plan sees all of it, and an error or Ctrl-C leaves what was there before.

    Parameters
    ----------
    plan
        The plan.
    output
        GeoPackage to write; its folder must exist.
    page, page_path
        HTML of the map, and where to write it; its folder must exist.

    Raises
    ------
    OSError
        If a folder does not exist or cannot be written.
    """
    output = output.absolute()
    layers = {
        "grids": plan.grids,
        "units": plan.units,
        "violations": plan.violations,
        "lineage": plan.lineage,
    }
    texts = {report_path(output): json.dumps(plan.report, ensure_ascii=False, indent=2, default=str) + "\n"}
    if page is not None and page_path is not None:
        texts[page_path.absolute()] = page
    with ExitStack() as stack:
        folder = {
            parent: Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".gridplan-", dir=parent)))
            for parent in {output.parent, *(target.parent for target in texts)}
        }
        draft = folder[output.parent] / "plan.gpkg"
        write_geopackage(draft, layers)
        for target, text in texts.items():
            (folder[target.parent] / target.name).write_text(text, encoding="utf-8")
        # Moves on one disk are single steps; whatever fails before them leaves nothing behind.
        for target in texts:
            os.replace(folder[target.parent] / target.name, target)
        os.replace(draft, output)
