"""
Write the reference of all rules from their own docstrings: ``python scripts/rules_reference.py > docs/rules.md``.

A test demands that the file says what this prints.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import groupby
from typing import Any

from gridplan.rules import ApprovalRules, Band, BarrierRules, LevelRules, ReviseRules, Rules, Weights, WorkModel

TABLES: Mapping[str, type] = {
    "weights": Weights,
    "work": WorkModel,
    "barriers": BarrierRules,
    "revise": ReviseRules,
    "approval": ApprovalRules,
}
LEVELS = ("communities", "micro")
HEADINGS = {
    "weights": "The objective's terms among which the solver chooses, once every rule is kept as far as it can be.",
    "work": "Without `work_min` in the source, a building's work is modelled; see [the work model](workload.md).",
    "barriers": "Which lines boundaries follow; what separates is said in the source, by kind and `passable`.",
    "revise": "How much of today's grids `gridplan revise` keeps; `--mode` and `--budget` go before these.",
    "approval": "What stands between a draft and its publication; see [the store](store.md).",
}
INTRODUCTION = """# Rules

Every key of a rules file, with its default. `gridplan plan SOURCE --rules rules.toml` takes them from a file, the
table `[rules]` of a `gridplan.toml` holds them beside the layers; the file's keys go before the source's, and
`--seed` before both. All keys are optional. Unknown keys are refused, with the nearest known one.

```toml
minimum = 250
maximum = 450
must_join = [["B0012", "B0013"]]

[n_grids]
"110101001001" = 4

[weights]
barriers = 2.0
```

`scripts/rules_reference.py` writes this page from the docstrings of `gridplan.rules`; a test holds them together.
"""


def meanings(documented: type) -> dict[str, str]:
    """
    Return what a numpydoc docstring says of each parameter.

    Parameters
    ----------
    documented
        Class whose docstring has a section ``Parameters``; names with one text stand on one line.
    """
    text = inspect.getdoc(documented) or ""
    section = re.split(r"\n\w[\w ]*\n-+\n", text)[1]
    found: dict[str, str] = {}
    for names, lines in re.findall(r"^(\S.*)\n((?: {4}.*\n?)+)", section + "\n", re.MULTILINE):
        found |= dict.fromkeys(names.split(", "), " ".join(lines.split()))
    return found


def toml(value: Any) -> str:
    """Return a default as a rules file would hold it."""
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}" if value else "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _default(item: Field[Any]) -> Any:
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _sentence(text: str) -> str:
    """Return a docstring's text in Markdown: double backquotes single, class names without."""
    text = text.replace("``", "`").replace("see `Band`", "0 < minimum <= target <= maximum")
    return text.replace("|", "\\|")


def levels_table() -> str:
    """Return the Markdown table of the levels beside the grids, whose defaults differ by level."""
    said = meanings(LevelRules)
    names = " | ".join(f"`[{name}]`" for name in LEVELS)
    rows = [f"| key | {names} | meaning |", "|---|" + "---|" * len(LEVELS) + "---|"]
    for item in fields(LevelRules):
        defaults = " | ".join(f"`{toml(getattr(getattr(Rules(), name), item.name))}`" for name in LEVELS)
        rows.append(f"| `{item.name}` | {defaults} | {_sentence(said[item.name])} |")
    return "\n".join(rows)


def table(documented: type) -> str:
    """Return the Markdown table of the keys of a dataclass, nested dataclasses left out."""
    said = meanings(documented)
    keys = [item for item in fields(documented) if not is_dataclass(_default(item))]
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for text, group in groupby(keys, key=lambda item: said[item.name]):
        names, defaults = zip(*((f"`{item.name}`", f"`{toml(_default(item))}`") for item in group), strict=True)
        rows.append(f"| {', '.join(names)} | {', '.join(defaults)} | {_sentence(text)} |")
    return "\n".join(rows)


def reference() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION, "## Plan\n", _sentence(meanings(Band)["minimum"]) + "\n", table(Rules) + "\n"]
    for name, documented in TABLES.items():
        parts += [f"## `[{name}]`\n", HEADINGS[name] + "\n", table(documented) + "\n"]
    parts += ["## Levels\n", "The levels above and below the grids; see [levels](levels.md).\n", levels_table() + "\n"]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference())
