"""A service on a port, and a page that visits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stored import Clock

from gridplan.store import Store
from gridplan.store.keys import Keys, Role

READY = "body[data-ready=yes]"


@dataclass
class Served:
    """A service on a port, the store behind it, its plan in force, a draft, and what makes it look at the store."""

    url: str
    store: Store
    clock: Clock
    ours: str
    draft: str
    look: Callable[[], bool]

    def key(self, role: str, scope: str, name: str = "") -> str:
        """Make a key and return its secret."""
        secret = Keys(self.store.engine, self.clock).create(by="test", role=Role(role), scope=scope, name=name)[1]
        self.look()
        return secret


@dataclass
class Visit:
    """A page, with all that it asked others for and complained of."""

    page: Any
    served: Served
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def enter(self, role: str = "planner", scope: str = "230718", name: str = "") -> Any:
        """Sign in with a new key."""
        secret = self.served.key(role, scope, name)
        self.page.goto(self.served.url)
        self.page.fill("#key", secret)
        self.page.press("#key", "Enter")
        self.page.wait_for_selector(READY)
        return self.page
