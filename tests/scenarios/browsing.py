"""A page of the running service as a person opens it; whatever it asks of any other host ends the day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .service import Service

READY = "body[data-ready=yes]"
WAIT_MS = 60_000


@contextmanager
def visiting(browser: Any, service: Service, key: str, *, width: int = 1400, height: int = 900) -> Iterator[Any]:
    """
    Open the web map in Chinese, type the key, and wait until the map is drawn.

    Parameters
    ----------
    browser
        Chromium, as Playwright drives it.
    service
        The service.
    key
        What is typed.
    width, height
        Of the window, pixels.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    elsewhere: list[str] = []
    faults: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith((service.url, "data:")):
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(service.url)
    page.fill("#key", key)
    page.press("#key", "Enter")
    page.wait_for_selector(READY)
    yield page
    context.close()
    assert elsewhere == [], "the page asked another host"
    assert faults == [], faults
