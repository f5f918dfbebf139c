"""Draw ``docs/images/demo.png`` with Chromium from the map that ``make demo`` made of the synthetic district."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "demo" / "synthetic-district-map.html"
PICTURE = ROOT / "docs" / "images" / "demo.png"
SIZE = {"width": 1280, "height": 800}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def draw(page_path: Path, picture: Path) -> None:
    """
    Open a map without a network and keep what it shows.

    Parameters
    ----------
    page_path
        HTML file.
    picture
        PNG to write.
    """
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport=SIZE)
        page.context.set_offline(True)
        page.goto(page_path.as_uri(), wait_until="load")
        page.wait_for_timeout(1000)  # the canvas is drawn after the load
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    if not PAGE.is_file():
        sys.exit(f"{PAGE} is missing: run make demo first")
    draw(PAGE, PICTURE)
