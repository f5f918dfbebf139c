"""The catalogue of faults: complete, in both languages, and the same in the documents."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gridplan.catalogue import LANGUAGES, catalogue, table_of_codes
from gridplan.faults import Fault

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")


def codes_in_the_library() -> set[str]:
    texts = set()
    for path in [*(ROOT / "gridplan" / "sources").glob("*.py"), *(ROOT / "gridplan" / "situation").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                texts.add(node.value)
    return texts - {"utf-8-sig", "iso-8859-1"}


def test_every_code_of_the_readers_is_in_the_catalogue_and_every_entry_is_used() -> None:
    assert codes_in_the_library() - {"utf-8"} == set(catalogue())


@pytest.mark.parametrize("code", catalogue())
def test_both_languages_say_the_same_with_the_same_words_filled_in(code: str) -> None:
    entry = catalogue()[code]
    english, chinese = (entry.wordings[language] for language in LANGUAGES)
    for field in ("expected", "found", "todo", "cost"):
        words = [set(re.findall(r"\{\w+\}", getattr(text, field))) for text in (english, chinese)]
        assert words[0] == words[1], field
    assert bool(english.cost) == bool(chinese.cost) == bool(entry.acceptable)
    assert re.search(r"[一-鿿]", chinese.found + chinese.expected + chinese.todo)


def test_the_document_holds_the_table_of_the_catalogue() -> None:
    assert table_of_codes("en") in (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def test_a_fault_reads_as_one_line_in_both_languages() -> None:
    params = {"households": 120}
    fault = Fault("buildings-outside", "buildings", "geometry", params, ("a", "b"), 7, acceptable=True)
    assert str(fault) == (
        "error: buildings.geometry: expected buildings in a community or within 2 m of one; found 7 buildings with 120 "
        "households outside all [7 rows: a, b, …]. Move them, extend the communities, or check the datum. "
        "Or go on with --accept buildings-outside: 7 buildings with 120 households are left out."
    )
    assert fault.text("zh").startswith("错误：buildings.geometry：应为楼栋位于社区内")
    assert fault.to_dict("zh")["rows"] == ["a", "b"]
