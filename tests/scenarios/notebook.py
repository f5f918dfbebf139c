"""Cells of a notebook, run in a kernel as a planner runs them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]


def run_cells(cells: list[str], folder: Path) -> list[str]:
    """
    Run cells in a kernel of their own; a cell that fails ends the day.

    Parameters
    ----------
    cells
        Their code.
    folder
        Where they run.

    Returns
    -------
    shown
        What each cell showed: printed text and the HTML, or else the text, of what it displayed.
    """
    places = os.pathsep.join([str(ROOT), str(ROOT / "notebooks"), *sys.path])
    start = new_code_cell(f"import sys; sys.path[:0] = {places.split(os.pathsep)!r}\nimport maps")
    notebook = new_notebook(cells=[start, *(new_code_cell(cell) for cell in cells)])
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return [_shown(cell) for cell in notebook.cells[1:]]


def _shown(cell: NotebookNode) -> str:
    parts = []
    for output in cell.outputs:
        data = output.get("data", {})
        parts.append(output.get("text") or data.get("text/html") or data.get("text/plain") or "")
    return "\n".join(parts)
