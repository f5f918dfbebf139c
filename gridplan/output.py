"""A plan on disk: the GeoPackage, its report and its map, all of them or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridplan.planfile import EDITS, edits_layer, report_path
from gridplan.planlayers import COLUMNS
from gridplan.sources.gdal import write_geopackage

if TYPE_CHECKING:
    from gridplan.plan import Plan

__all__ = ["move_together", "plan_layers", "report_path", "write_layers", "write_plan"]


def write_plan(plan: Plan, output: Path, *, page: str | None = None, page_path: Path | None = None) -> None:
    """
    Write a plan, its report and, where given, its map; see `write_layers`.

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
    write_layers(plan_layers(plan), plan.report, output, page=page, page_path=page_path)


def plan_layers(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the layers of a plan's file by name."""
    frames = {name: getattr(plan, name) for name in COLUMNS if getattr(plan, name) is not None}
    return {**frames, EDITS: edits_layer(plan.edits)}


def write_layers(
    layers: Mapping[str, pd.DataFrame],
    report: Mapping[str, Any],
    output: Path,
    *,
    page: str | None = None,
    page_path: Path | None = None,
) -> None:
    """
    Write layers as a GeoPackage, their report beside it and, where given, a page: all of them or none.

    Everything is made under other names first and moved into place at the end, the GeoPackage last: a reader who
    sees it sees all of it, and an error or Ctrl-C leaves what was there before.

    Parameters
    ----------
    layers
        Frames by layer name.
    report
        Plain JSON values.
    output
        GeoPackage to write; its folder must exist.
    page, page_path
        HTML, and where to write it; its folder must exist.

    Raises
    ------
    OSError
        If a folder does not exist or cannot be written.
    """
    output = output.absolute()
    texts = {report_path(output): json.dumps(report, ensure_ascii=False, indent=2, default=str) + "\n"}
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
        drafts = {target: folder[target.parent] / target.name for target in texts}
        move_together({**drafts, output: draft})


def move_together(drafts: Mapping[Path, Path]) -> None:
    """
    Move drafts into place, in order; when one fails, those before it are taken back, and what was there returns.

    Parameters
    ----------
    drafts
        Drafts by where they go; each on the file system of its target.
    """
    former = {target: draft.with_name(f"{draft.name}.former") for target, draft in drafts.items() if target.exists()}
    for target, kept in former.items():
        shutil.copy2(target, kept)
    begun: list[Path] = []
    try:
        for target, draft in drafts.items():
            begun.append(target)
            os.replace(draft, target)
    except BaseException:
        for target in begun:
            if target in former:
                os.replace(former[target], target)
            else:
                target.unlink(missing_ok=True)
        raise
