"""
Run the guides from top to bottom, renew what they say is printed, and take their pictures anew.

    python scripts/guide_pictures.py [planner viewer ...] [--text]

Pictures go to docs/images/guides. Where a command prints something else than a guide says, the guide's block is
renewed; figures in sentences that nothing prints any more are named, for a person to mend. `--text` takes no pictures.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from guidebook.figures import unsupported
from guidebook.pages import fits, renewed, steps_of
from guidebook.shots import SHOTS, Scene, browsing, keep
from guidebook.walk import Walk, walking

ROOT = Path(__file__).parents[1]
GUIDES, PICTURES = ROOT / "docs" / "guides", ROOT / "docs" / "images" / "guides"
NAMES = ("planner", "viewer", "clerk", "integrator", "operator", "auditor")
LANGUAGES = ("zh", "en")


def run(page: Path, folder: Path, lang: str, browser: Any) -> None:
    """Walk a page in a folder and renew what it says is printed."""
    text, changes = page.read_text(encoding="utf-8"), []
    with walking(folder, partial(_picture, browser=browser), lang) as walk:
        for step in steps_of(page):
            printed = walk.take(step)
            if step.printed is not None and not fits(step.printed, printed):
                changes.append((step.span, renewed(step.printed, printed)))
                _say(f"{page.relative_to(ROOT)}:{step.place}: renewed")
        said = "\n".join(walk.said)
    for (begin, end), new in reversed(changes):
        text = text[:begin] + new + text[end:]
    if changes:
        page.write_text(text, encoding="utf-8")
    for figure in unsupported(page, said):
        _say(f"{page.relative_to(ROOT)}: {figure} is in a sentence, and nothing printed it")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _picture(walk: Walk, name: str, *, browser: Any) -> None:
    if browser is not None:
        keep(SHOTS[name.partition(".")[0]](Scene(walk, browser)), PICTURES / name)
        _say(f"{name}: {(PICTURES / name).stat().st_size // 1000} kB")


def main() -> None:
    """Walk the guides that are named, each in both languages."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all unless named")
    parser.add_argument("--text", action="store_true", help="take no pictures")
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, nullcontext() if given.text else browsing() as browser:
        practice = Path(scratch) / "practice"
        practice.mkdir()
        run(GUIDES / "README.md", practice, "zh", browser)
        for name in given.names or NAMES:
            for lang in LANGUAGES:
                folder = Path(scratch) / f"{name}-{lang}"
                shutil.copytree(practice, folder)
                run(GUIDES / lang / f"{name}.md", folder, lang, browser)


if __name__ == "__main__":
    sys.exit(main())
