"""The page on editing names every edit, every issue and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from gridplan.editing.brought_back import ISSUES
from gridplan.editing.methods import ACTIONS
from gridplan.plan import Plan

PAGE = (Path(__file__).parents[2] / "docs" / "editing.md").read_text(encoding="utf-8")


def test_every_edit_and_issue_is_described() -> None:
    assert [name for name in ACTIONS if f"plan.{name}(" not in PAGE] == []
    table = PAGE[PAGE.index("| issue |") :]
    assert [issue for issue in ISSUES if f"`{issue}`" not in table] == []


def test_every_method_named_exists() -> None:
    named = set(re.findall(r"(?<![a-z])plan\.([a-z_]+)[(`. ]", PAGE)) - {"gpkg"}
    assert [name for name in named if not hasattr(Plan, name)] == []
