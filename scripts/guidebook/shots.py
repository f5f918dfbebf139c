"""Take the pictures of the guides: pages in Chromium as the walk left them, and what its commands printed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from gridplan.store import Store

from .walk import Walk

WIDE, HIGH, COLOURS = 1280, 800, 96
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
READY = "body[data-ready=yes]"
#: The month that the day's story looks at.
MONTH = ("2026-06-01", "2026-06-30")
WAIT_MS = 120_000


@dataclass
class Scene:
    """A walk, and the browser that looks at what it left."""

    walk: Walk
    browser: Any

    def page(self, address: str, *, high: int = HIGH) -> Any:
        """Open a page that may ask nothing but this service."""
        context = self.browser.new_context(
            viewport={"width": WIDE, "height": high},
            locale=LOCALES[self.walk.lang],
            reduced_motion="reduce",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.goto(address)
        return page

    def entered(self, key: str) -> Any:
        """Sign in to the web map with a key that the walk kept."""
        page = self.page(self.walk.url)
        page.fill("#key", self.walk.kept[key])
        page.press("#key", "Enter")
        page.wait_for_selector(READY)
        return page

    def file(self, name: str) -> Path:
        """Return a file of the reader's folder."""
        return self.walk.folder / name


def _settled(page: Any) -> bytes:
    page.wait_for_timeout(1_000)  # the canvas is drawn after what it shows was asked for
    return bytes(page.screenshot())


def _month(page: Any) -> None:
    page.click("#button-incidents")
    page.fill("[name=from]", MONTH[0])
    page.fill("[name=to]", MONTH[1])
    page.press("[name=to]", "Enter")


def _found(page: Any, text: str) -> None:
    page.fill("#search-input", text)
    page.press("#search-input", "Enter")


def planner_map(scene: Scene) -> bytes:
    """The map page that ``plan --map`` wrote."""
    return _settled(scene.page(scene.file("first.html").as_uri()))


def planner_sheet(scene: Scene) -> Path:
    """The printed sheet of one community."""
    return next(scene.file("网格图").glob("*.png"))


def planner_redraw(scene: Scene) -> bytes:
    """A building picked in the draft, and what its move would do."""
    import samples

    page, draft = scene.entered("PLANNER"), scene.walk.kept["DRAFT"]
    with Store.open() as store:
        plan = store.load(draft)
    building, to = samples.easy_move(plan)
    unit = plan.units.loc[plan.units["building_id"] == building, "unit_id"].iloc[0]
    page.click("#button-redraw")
    page.click(f"[data-plan='{draft}']")
    page.select_option("[name=community]", to[:12])
    page.wait_for_selector(f"[data-name=units] option[value='{unit}']", state="attached")
    page.select_option("[data-name=units]", unit)
    page.wait_for_selector("#n-picked")
    page.select_option("[name=target]", to)
    page.wait_for_selector("#tried")
    page.locator("[data-name=give]").scroll_into_view_if_needed()
    return _settled(page)


def planner_compare(scene: Scene) -> bytes:
    """The draft beside the grids in force."""
    page = scene.entered("PLANNER")
    page.click("#button-compare")
    page.select_option("[name=compare]", scene.walk.kept["DRAFT"])
    page.wait_for_selector("#n-moved")
    return _settled(page)


def planner_flood(scene: Scene) -> Path:
    """The page of the flood, to print."""
    return scene.file("转移.png")


def viewer_map(scene: Scene) -> bytes:
    """The month's matters by grid."""
    page = scene.entered("VIEWER")
    _month(page)
    page.click("#button-map")
    page.select_option("[name=measure]", "per_100")
    return _settled(page)


def viewer_card(scene: Scene) -> bytes:
    """One grid: its rates with their counts, its weeks, its latest matters."""
    page = scene.entered("VIEWER")
    _month(page)
    page.click("#button-map")
    _found(page, scene.walk.kept["GRID"])
    page.wait_for_selector("#card:not([hidden])")
    return _settled(page)


def viewer_report(scene: Scene) -> Path:
    """The first page of the morning report."""
    page = scene.file("report.png")
    command = ["pdftoppm", "-png", "-r", "90", "-singlefile", scene.file("晨报.pdf"), page.with_suffix("")]
    subprocess.run(command, check=True)  # noqa: S603  our own command
    return page


def clerk_question(scene: Scene) -> bytes:
    """A place that may be several, and what to ask."""
    page = scene.entered("CLERK")
    _found(page, "和谐小区")
    page.wait_for_selector("#hits .question")
    return _settled(page)


def clerk_grid(scene: Scene) -> bytes:
    """The grid that answers for the address, with the matter that was just opened."""
    page = scene.entered("CLERK")
    _found(page, "和谐小区3号楼2单元")
    page.wait_for_selector("#card:not([hidden])")
    page.click("#card button:text-matches('最近的事件|Latest incidents')")
    page.wait_for_selector("#card .latest li")
    return _settled(page)


def integrator_grids(scene: Scene) -> Path:
    """What a map program drew from the service's own features."""
    return scene.file("grids.png")


def operator_sign_in(scene: Scene) -> bytes:
    """The first page that anyone sees."""
    page = scene.page(scene.walk.url, high=480)
    page.wait_for_selector("#key")
    return _settled(page)


def auditor_history(scene: Scene) -> bytes:
    """The edits of a draft: who, when, why."""
    page = scene.entered("PLANNER")
    page.click("#button-redraw")
    page.click(f"[data-plan='{scene.walk.kept['DRAFT']}']")
    page.wait_for_selector("#history li")
    page.locator("#history").scroll_into_view_if_needed()
    return _settled(page)


#: How each picture is taken, by its name without language and ending.
SHOTS: dict[str, Callable[[Scene], bytes | Path]] = {
    name.replace("_", "-"): shot
    for name, shot in dict(globals()).items()
    if name.partition("_")[0] in {"planner", "viewer", "clerk", "integrator", "operator", "auditor"}
}


def keep(taken: bytes | Path, path: Path) -> None:
    """Write a picture: at most 1,280 pixels wide, with few colours, so that it is small."""
    if isinstance(taken, bytes):
        path.write_bytes(taken)
        taken = path
    with Image.open(taken) as opened:
        picture = opened.convert("RGB")
    if picture.width > WIDE:
        picture = picture.resize((WIDE, round(picture.height * WIDE / picture.width)), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def browsing() -> Iterator[Any]:
    """Start Chromium."""
    executable = shutil.which("chromium") or sys.exit("Chromium is missing: scripts/browser.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()
