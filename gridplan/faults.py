"""One fault of the input, as a planner reads it: where it is, what was expected and found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridplan.catalogue import Language, Severity, Wording, catalogue, fill

FIRST_ROWS = 5

_SEVERITY: Mapping[Language, Mapping[Severity, str]] = {
    "en": {"error": "error", "warning": "warning", "note": "note"},
    "zh": {"error": "错误", "warning": "警告", "note": "说明"},
}
_FRAME: Mapping[Language, str] = {
    "en": "{severity}: {place}: expected {expected}; found {found}{rows}. {todo}{accept}",
    "zh": "{severity}：{place}：应为{expected}；实为{found}{rows}。{todo}{accept}",
}
_NOTE: Mapping[Language, str] = {
    "en": "{severity}: {place}: {found}{rows}. {todo}",
    "zh": "{severity}：{place}：{found}{rows}。{todo}",
}
_ROWS: Mapping[Language, str] = {"en": " [{count} rows: {rows}]", "zh": "〔{count} 行：{rows}〕"}
_ACCEPT: Mapping[Language, str] = {
    "en": " Or go on with --accept {code}: {cost}.",
    "zh": " 或加 --accept {code} 继续：{cost}。",
}
_ACCEPTED: Mapping[Language, str] = {"en": "Accepted: {cost}.", "zh": "已接受：{cost}。"}
_SOURCE: Mapping[Language, str] = {"en": "source", "zh": "数据源"}


@dataclass(frozen=True)
class Fault:
    """
    One kind of fault in one column of one layer, with all the rows that have it.

    The texts come from the catalogue by code and language; a fault holds only what its case adds.

    Parameters
    ----------
    code
        Stable name in kebab case, e.g. ``null-households``; what ``--accept`` takes.
    layer
        Layer of the contract (``buildings``), or "" for the whole source.
    column
        Column of the contract, or "".
    params
        Values for the words in braces of the catalogue's texts.
    rows
        Ids of the first rows concerned, at most five.
    count
        Number of rows concerned; 0 where the fault concerns no row (a missing column).
    severity
        ``error`` refuses the run, ``warning`` is a repair or a risk that the report counts,
        ``note`` is a decision taken for the planner, such as the encoding of a file.
    acceptable
        Whether ``--accept CODE`` lets the run go on.
    accepted
        Whether it was accepted; the severity is then ``warning`` and the text tells the cost.
    file
        Path of the file concerned, as the planner wrote it, or "".
    """

    code: str
    layer: str = ""
    column: str = ""
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    rows: tuple[str, ...] = ()
    count: int = 0
    severity: Severity = "error"
    acceptable: bool = False
    accepted: bool = False
    file: str = ""

    def __str__(self) -> str:
        return self.text("en")

    @property
    def expected(self) -> str:
        """What the column should hold, in English."""
        return self.wording("en").expected

    @property
    def found(self) -> str:
        """What it holds, in English."""
        return self.wording("en").found

    @property
    def todo(self) -> str:
        """What a planner can do about it, in English."""
        return self.wording("en").todo

    def wording(self, language: Language) -> Wording:
        """
        Return the catalogue's texts with this case filled in.

        Parameters
        ----------
        language
            ``en`` or ``zh``.
        """
        words = catalogue()[self.code].wordings[language]
        params = {"count": self.count, "layer": self.layer, "column": self.column, **self.params}
        return Wording(*(fill(text, params) for text in (words.expected, words.found, words.todo, words.cost)))

    def text(self, language: Language = "en") -> str:
        """
        Return the fault as one line for a planner.

        Parameters
        ----------
        language
            ``en`` or ``zh``.
        """
        words = self.wording(language)
        frame = _NOTE if self.severity == "note" else _FRAME
        line = frame[language].format(
            severity=_SEVERITY[language][self.severity],
            place=self._place(language),
            expected=words.expected,
            found=words.found,
            rows=self._rows(language),
            todo=_ACCEPTED[language].format(cost=words.cost) if self.accepted else words.todo,
            accept=self._accept(language, words.cost),
        )
        return line.strip()

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """
        Return the fault as plain JSON values, its texts in one language.

        Parameters
        ----------
        language
            ``en`` or ``zh``.
        """
        words = self.wording(language)
        return {
            "code": self.code,
            "severity": self.severity,
            "layer": self.layer,
            "column": self.column,
            "file": self.file,
            "expected": words.expected,
            "found": words.found,
            "todo": words.todo,
            "cost": words.cost,
            "rows": list(self.rows),
            "count": self.count,
            "acceptable": self.acceptable,
            "accepted": self.accepted,
            "params": {key: _plain(value) for key, value in self.params.items()},
        }

    def _place(self, language: Language) -> str:
        place = ".".join(part for part in (self.layer, self.column) if part) or _SOURCE[language]
        return f"{place} ({self.file})" if self.file else place

    def _rows(self, language: Language) -> str:
        if not self.rows:
            return ""
        more = ", …" if self.count > len(self.rows) else ""
        return _ROWS[language].format(count=self.count, rows=", ".join(self.rows) + more)

    def _accept(self, language: Language, cost: str) -> str:
        if self.severity != "error" or not self.acceptable:
            return ""
        return _ACCEPT[language].format(code=self.code, cost=cost)


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def first_rows(ids: Iterable[object]) -> tuple[str, ...]:
    """
    Return the first five ids as text, in the order given.

    Parameters
    ----------
    ids
        Row ids.
    """
    rows: list[str] = []
    for value in ids:
        if len(rows) == FIRST_ROWS:
            break
        rows.append(str(value))
    return tuple(rows)


def errors_of(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults that refuse a run."""
    return tuple(fault for fault in faults if fault.severity == "error")
