"""The references of commands and of the HTTP API are what the code says of itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("script", "page", "how"),
    [
        ("commands_reference", "commands.md", ()),
        ("commands_reference", "commands.zh.md", ("zh",)),
        ("api_reference", "api.md", ()),
        ("words_reference", "words.md", ()),
    ],
)
def test_a_reference_is_up_to_date(script: str, page: str, how: tuple[str, ...]) -> None:
    """``python scripts/SCRIPT.py HOW > docs/PAGE`` mends it."""
    spec = importlib.util.spec_from_file_location(script, ROOT / "scripts" / f"{script}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == module.reference(*how)
