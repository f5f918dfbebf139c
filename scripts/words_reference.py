"""
Write what is made from ``gridplan/words.toml``: the glossary ``docs/words.md``, and the words that map pages share.

    python scripts/words_reference.py              writes both
    python scripts/words_reference.py --check      exit 1 where one differs from the catalogue
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gridplan.words import LANGUAGES, groups, heading, terms

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "words.md"
SHARED = ROOT / "maps" / "static" / "terms.json"
# Groups that pages show.
PAGES = ("kind", "rule", "reason", "barrier", "households_are", "state", "change", "action", "role")
TITLES = {
    "column": "Headings", "total": "Sums", "kind": "Kinds of grid", "state": "States of a plan",
    "change": "What became of a grid", "rule": "Rules", "reason": "Reasons of violations", "proven": "Proof",
    "barrier": "Barriers", "households_are": "What households are", "class": "Grades", "step": "Steps of the band",
    "measure": "Measures", "action": "Edits", "role": "Roles of a key", "status": "Incidents",
    "key": "Keys", "side": "Sides", "unit": "Units of measure", "said": "Sentences",
}  # fmt: skip
HEAD = """# Words

<!-- Written by scripts/words_reference.py from gridplan/words.toml. -->

One thing has one name in each language, in commands, HTTP answers, maps, notebooks, exports and guides: a plan is 方案,
not 计划. A test looks for the names that a thing never has. The texts stand in `gridplan/words.toml`; after a change
run `python scripts/words_reference.py`.

Numbers are written in groups of three digits (28,802); days as 2026年12月1日 in Chinese, and as 2026-12-01 in English
and in tables; areas in square metres below 1 ha, in hectares (公顷) below 1 km², then in square kilometres (平方公里).
Tables that programs read hold plain numbers.

## Things

| 中文 | English | 含义 | meaning | never |
|---|---|---|---|---|
"""


def reference() -> str:
    """Return the glossary."""
    lines = [HEAD]
    for term in terms().values():
        never = ", ".join((*term.never_zh, *term.never_en))
        cells = (term.word.zh, term.word.en, term.means.zh, term.means.en, never)
        lines.append("| " + " | ".join(cells) + " |\n")
    for name, group in groups().items():
        lines.append(f"\n## {TITLES[name]}\n\n| `{name}` | 中文 | English |\n|---|---|---|\n")
        lines += [f"| `{key}` | {pair.zh} | {pair.en} |\n" for key, pair in group.items()]
    return "".join(lines)


def shared() -> str:
    """Return the words of pages as JSON, English with a capital."""
    both = {
        name: {key: [heading(f"{name}.{key}", language) for language in LANGUAGES] for key in groups()[name]}
        for name in PAGES
    }
    return json.dumps(both, ensure_ascii=False, indent=1) + "\n"


def main(check: bool) -> int:
    """Write both, or say which differs."""
    stale = []
    for path, text in ((PAGE, reference()), (SHARED, shared())):
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(text, encoding="utf-8")
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
