"""What docs/address.md shows is true: its code is run, and its table of faults and fields is complete."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from gridplan.address.answer import Match

PAGE = (Path(__file__).parents[2] / "docs" / "address.md").read_text("utf-8")


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    exec(compile(code, "docs/address.md", "exec"), {})


def test_every_field_of_an_answer_is_described() -> None:
    described = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", PAGE, re.M))))
    assert {field.name for field in dataclasses.fields(Match)} - {"query", "lon", "lat"} <= described
