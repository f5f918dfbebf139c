"""One voice: what people read comes from the catalogue, or agrees with it, and no thing has a name it must not have."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gridplan.schema import GRID_KINDS
from gridplan.store.records import State
from gridplan.words import LANGUAGES, area, called, day, grouped, groups, heading, terms, word

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
# What reads foreign words, in whatever way they are written, and what invents places.
READERS = (
    "gridplan/address/", "gridplan/synthetic/", "gridplan/locate/", "gridplan/sources/named.py",
    "gridplan/sources/columns.py", "gridplan/incidents/mapping.py", "gridplan/incidents/ground.py",
    "gridplan/situation/workers.py", "gridplan/situation/theme.py",
)  # fmt: skip
# Pairs that stand for something else than the word of the catalogue that they look like.
OTHERS = {
    ("合并", "merge"), ("拆分", "split"), ("锁定", "lock"), ("全部", "all"), ("修改", "redraw"), ("名称", "name"),
    ("到单元", "entrance"), ("到楼栋", "building"), ("到社区", "community"), ("未分类", "no category"),
    ("楼栋", "building"), ("网格", "grid"), ("社区", "communitie"), ("分级", "classe"),
    ("百户件数", "incidents per 100 household"),
}  # fmt: skip


@cache
def sources() -> tuple[Path, ...]:
    found = (path for top in ("gridplan", "api", "maps") for path in (ROOT / top).rglob("*.py"))
    return tuple(path for path in sorted(found) if not path.relative_to(ROOT).as_posix().startswith(READERS))


def text_of(node: ast.AST) -> str | None:
    """Return the text of a literal, ``{}`` where it is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def literals(path: Path) -> Iterator[str]:
    """Yield the texts of a module but its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from (text for node in ast.walk(tree) if id(node) not in said and (text := text_of(node)) is not None)


def leaves(tree: Any) -> Iterator[str]:
    """Yield the texts of what TOML or JSON holds."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(each)


def page_words(page: str) -> dict[str, dict[str, list[str]]]:
    words: dict[str, dict[str, list[str]]] = json.loads((ROOT / f"maps/static/{page}/words.json").read_text("utf-8"))
    return words


@cache
def pairs() -> tuple[tuple[str, str, str], ...]:
    """Return every text that stands in both languages side by side: Chinese, English, where."""
    found = [
        (*pair, page) for page in ("plan", "viewer") for rows in page_words(page).values() for pair in rows.values()
    ]
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found += [(zh, en, path.name) for zh, en in _both(node)]
    return tuple(found)


def _both(node: ast.AST) -> Iterator[tuple[str, str]]:
    beside: list[tuple[ast.AST, ast.AST]] = []
    if isinstance(node, ast.Tuple | ast.List):
        beside = list(pairwise(node.elts))
    elif isinstance(node, ast.Call) and len(node.args) == 2:
        beside = [(node.args[0], node.args[1])]
    elif isinstance(node, ast.IfExp):
        beside = [(node.body, node.orelse)]
    elif isinstance(node, ast.Dict):
        keyed = {
            key.value: each for key, each in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
        }
        beside = [(keyed["zh"], keyed["en"])] if {"zh", "en"} <= set(keyed) else []
    for one, two in beside:
        texts = sorted((text_of(one) or "", text_of(two) or ""), key=lambda text: not CHINESE.search(text))
        if CHINESE.search(texts[0]) and texts[1] and not CHINESE.search(texts[1]):
            yield texts[0], texts[1]


def test_nothing_is_called_what_it_is_never_called() -> None:
    texts = [(path.relative_to(ROOT).as_posix(), text) for path in sources() for text in literals(path)]
    texts += [(page, text) for page in ("plan", "viewer") for text in leaves(page_words(page))]
    for name in ("catalogue.toml", "cli/help.zh.toml", "editing/refusals.toml"):
        texts += [(name, text) for text in leaves(tomllib.loads((ROOT / "gridplan" / name).read_text("utf-8")))]
    pages = [ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").glob("*.py")]
    texts += [
        (page.name, line)
        for page in pages
        if page.name != "words.md" and page.parent.name != "decisions"
        for line in page.read_text("utf-8").splitlines()
    ]
    never = [name for term in terms().values() for name in term.never_zh]
    assert never
    assert [(place, name, text[:60]) for place, text in texts for name in never if name in text] == []


def test_english_beside_chinese_keeps_to_the_words_too() -> None:
    never = [name for term in terms().values() for name in term.never_en]
    assert never
    wrong = [(place, name, en) for _, en, place in pairs() for name in never if re.search(rf"\b{name}\b", en, re.I)]
    assert wrong == []


def singular(text: str) -> str:
    """Return English as the catalogue is compared: without capitals, colons and the s of the plural."""
    return text.strip(": ").casefold().removesuffix("s")


def test_what_looks_like_a_word_of_the_catalogue_is_that_word() -> None:
    """Where one language says a word of the catalogue, the other says its other half."""
    english: dict[str, set[str]] = defaultdict(set)
    chinese: dict[str, set[str]] = defaultdict(set)
    known = [pair for group in groups().values() for pair in group.values()] + [each.word for each in terms().values()]
    for pair in known:
        english[pair.zh].add(singular(pair.en))
        chinese[singular(pair.en)].add(pair.zh)
    wrong = {
        (zh, en, place)
        for zh, en, place in ((zh.strip("：: "), singular(en), place) for zh, en, place in pairs())
        if (zh, en) not in OTHERS and (en not in english.get(zh, {en}) or zh not in chinese.get(en, {zh}))
    }
    assert wrong == set()


def test_every_value_of_the_contract_has_a_word() -> None:
    assert set(groups()["kind"]) == set(GRID_KINDS)
    assert set(groups()["state"]) == {state.value for state in State}
    for group in groups().values():
        for pair in group.values():
            assert CHINESE.search(pair.zh)
            assert not CHINESE.search(pair.en)


def test_numbers_areas_and_days_read_as_people_write_them() -> None:
    assert grouped(1_234_567) == "1,234,567"
    assert [area(m2) for m2 in (9_999.4, 10_000, 999_999, 1_000_000)] == [
        "9,999 平方米",
        "1.0 公顷",
        "100.0 公顷",
        "1.0 平方公里",
    ]
    assert day(date(2026, 2, 3)) == day("2026-02-03") == "2026年2月3日"
    assert (heading("column.kind", "en"), called("kind", "unheard", "zh")) == ("Kind", "unheard")
    with pytest.raises(KeyError):
        word("kind.unheard", "zh")


def test_the_words_of_pages_are_made_from_the_catalogue() -> None:
    """``python scripts/words_reference.py`` mends it."""
    made = json.loads((ROOT / "maps/static/terms.json").read_text("utf-8"))
    for name, rows in made.items():
        assert rows == {key: [heading(f"{name}.{key}", each) for each in LANGUAGES] for key in groups()[name]}
