"""A united plan on disk: the plan's files, the departments' lineage as CSV, and how the layers fitted."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gridplan.output import write_layers
from gridplan.spreadsheets import harmless
from gridplan.uniting.unite import United
from gridplan.uniting.words import united_lines


def lineage_path(plan: Path) -> Path:
    """
    Return where the departments' lineage stands: ``<name>.departments.csv`` beside the plan.

    Parameters
    ----------
    plan
        The plan's GeoPackage.
    """
    return plan.with_name(f"{plan.stem}.departments.csv")


def write_united(
    united: United,
    output: Path,
    *,
    page: str | None = None,
    page_path: Path | None = None,
    report: Path | None = None,
    lang: str = "en",
) -> None:
    """
    Write a united plan; nothing is moved into place before everything is made.

    Parameters
    ----------
    united
        What to write.
    output
        GeoPackage to write, with the report and the lineage beside it; its folder must exist.
    page, page_path
        HTML of the map, and where to write it.
    report
        Where to write how the layers fitted: JSON where the name ends in ``.json``, else text.
    lang
        Language of that text, ``zh`` or ``en``.

    Raises
    ------
    OSError
        If a folder does not exist or cannot be written.
    """
    texts = {lineage_path(output).absolute(): _table(united)}
    if report is not None:
        texts[report.absolute()] = _report(united, report.suffix.lower() == ".json", lang)
    with ExitStack() as stack:
        drafts = {}
        for target, text in texts.items():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".gridplan-", dir=target.parent))
            drafts[target] = Path(folder) / target.name
            drafts[target].write_text(text, encoding="utf-8", newline="")
        write_layers(united.layers(), united.plan.report, output, page=page, page_path=page_path)
        for target, draft in drafts.items():
            os.replace(draft, target)


def _table(united: United) -> str:
    """Return the lineage as CSV that spreadsheets read as UTF-8 and run nothing of."""
    return "\ufeff" + str(united.lineage.map(harmless).to_csv(index=False, lineterminator="\r\n"))


def _report(united: United, as_json: bool, lang: str) -> str:
    if as_json:
        return json.dumps(united.plan.report["departments"], ensure_ascii=False, indent=2) + "\n"
    return "\n".join(united_lines(united, lang)) + "\n"
