"""
The guides are true: what they show is run, what they state was printed, and their pictures are those of their script.

`python scripts/guide_pictures.py` renews blocks and pictures that no longer fit. Each guide is walked once: what only
reads is run in both languages; what writes, edits or takes long is run as the Chinese page has it, and the English
page must state the same figures. Pictures are taken again in Chinese.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from guide_pictures import GUIDES, LANGUAGES, NAMES, PICTURES  # noqa: E402
from guidebook import shots, walk  # noqa: E402
from guidebook.figures import unsupported  # noqa: E402
from guidebook.pages import Step, fits, prose_of, renewed, steps_of  # noqa: E402

RENEW = "python scripts/guide_pictures.py renews it"
PAGES = [GUIDES / lang / f"{name}.md" for name in NAMES for lang in LANGUAGES]
READS = re.compile(
    r"gridplan (check|diff|stats|locate|plans (list|in-force|show)|incidents (review|rises)|keys list"
    r"|audit (list|verify)|db verify|\S+ --help)\b"
)
WIDEST, LARGEST = 1280, 150_000
# Two pictures this small differ by less than this where only pixels changed, by more where what they show did.
THUMB, ALIKE = (64, 40), 14.0


def same_text(step: Step) -> str:
    """Return a step without what differs between the languages."""
    return re.sub(r"\.(zh|en)\.png", "", step.body) if step.kind in ("console", "http", "picture") else ""


def figures(text: str | None) -> Counter[str]:
    return Counter(figure.lstrip("0") for figure in re.findall(r"\d+", (text or "").replace(",", "")))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the index of the guides lets its reader make."""
    folder = tmp_path_factory.mktemp("practice")
    with walk.walking(folder, nothing, "zh") as walked:
        for step in steps_of(GUIDES / "README.md"):
            walked.compare(step, walked.take(step))
    return folder


def nothing(walked: walk.Walk, name: str) -> None:
    """Take no picture."""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_guide_does_what_it_says(practice: Path, browser: Any, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(practice, folder)
    pages = [GUIDES / lang / f"{name}.md" for lang in LANGUAGES]
    chinese, english = map(steps_of, pages)
    assert [(step.kind, same_text(step), step.code) for step in chinese] == [
        (step.kind, same_text(step), step.code) for step in english
    ], "both languages tell the same story"
    with walk.walking(folder, retaken(browser, tmp_path), "zh") as walked:
        said: dict[str, list[str]] = {"zh": walked.said, "en": []}
        for step, other in zip(chinese, english, strict=True):
            walked.compare(step, walked.take(step))
            if step.kind == "console" and READS.match(step.body):
                walked.lang, walked.said = "en", said["en"]
                walked.compare(other, walked.take(other))
                walked.lang, walked.said = "zh", said["zh"]
            elif step.printed and other.printed:
                assert figures(step.printed) == figures(other.printed), f"{pages[1]}:{other.place}: {RENEW}"
    both = "\n".join(said["zh"] + said["en"])
    assert {page.parent.name: unsupported(page, both) for page in pages} == {"zh": [], "en": []}


def retaken(browser: Any, folder: Path) -> Callable[[walk.Walk, str], None]:
    """Return what takes a picture again and demands that the kept one shows the same."""

    def take(walked: walk.Walk, name: str) -> None:
        if name.startswith("viewer-report") and not shutil.which("pdftoppm") and os.environ.get("CI") != "true":
            return  # scripts/browser.sh installs it
        fresh = folder / name
        shots.keep(shots.SHOTS[name.partition(".")[0]](shots.Scene(walked, browser)), fresh)
        assert difference(fresh, PICTURES / name) < ALIKE, f"{name} shows something else: {RENEW}"

    return take


def difference(one: Path, other: Path) -> float:
    """Return the mean difference, 0 to 255, of two pictures made small."""
    small = []
    for path in (one, other):
        with Image.open(path) as opened:
            small.append(opened.convert("L").resize(THUMB, Image.Resampling.BOX))
    return float(ImageStat.Stat(ImageChops.difference(*small)).rms[0])


def test_pictures_are_those_that_the_script_takes_and_the_guides_show() -> None:
    shown = {Path(step.body).name for page in PAGES for step in steps_of(page) if step.kind == "picture"}
    assert shown == {path.name for path in PICTURES.iterdir()}
    assert {name.partition(".")[0] for name in shown} == set(shots.SHOTS)
    for name in shown:
        path = PICTURES / name
        with Image.open(path) as opened:
            assert (opened.format, opened.width <= WIDEST) == ("PNG", True), name
        assert path.stat().st_size <= LARGEST, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_words_of_the_web_map_are_those_that_it_shows(page: Path) -> None:
    """What a guide prints bold is a word of the page in the guide's language."""
    shown = {word for path in (ROOT / "maps" / "static").rglob("*.json") if "vendor" not in path.parts
             for word in re.findall(r'"([^"\\]+)"', path.read_text("utf-8"))}  # fmt: skip
    assert set(re.findall(r"\*\*([^*]+)\*\*", prose_of(page))) <= shown


def test_a_page_that_says_something_else_is_found_and_renewed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    block = "```console exit=2\n$ gridplan x \\\n    y\na 12\n…\nz …\n```\n"
    page.write_text(f"共 13 件，2026年7月2日。\n\n{block}", "utf-8")
    (step,) = steps_of(page)
    assert (step.body.split(), step.printed, step.code) == (["gridplan", "x", "y"], "a 12\n…\nz …\n", 2)
    assert fits(step.printed or "", "a 12\nb\nc\nz 7\n")
    assert not fits(step.printed or "", "a 13\nb\nz 7\n")
    assert renewed(step.printed or "", "a 13\nb\nz 7\n") == "a 13\n…\nz …\n"
    assert unsupported(page, "12") == ["2026-07-02", "13"]
    assert unsupported(page, "13 on 2026-07-02") == []
