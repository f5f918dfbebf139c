"""What the check of a source found, as values and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gridplan.catalogue import Language
from gridplan.district import District
from gridplan.faults import Fault, errors_of


@dataclass(frozen=True)
class Report:
    """
    What the check of a source found.

    Parameters
    ----------
    source
        The source's path as given.
    faults
        All faults, errors first.
    district
        The settled district, or None where an error refuses the run.
    counts
        Rows read by layer.
    """

    source: str
    faults: tuple[Fault, ...]
    district: District | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the source can be planned."""
        return self.district is not None

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that refuse the run."""
        return errors_of(self.faults)

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """
        Return the report as plain JSON values.

        Parameters
        ----------
        language
            Language of the texts, ``en`` or ``zh``.
        """
        return {
            "source": self.source,
            "ok": self.ok,
            "rows": dict(self.counts),
            "crs": None if self.district is None else self.district.crs.to_string(),
            "digest": None if self.district is None else self.district.digest,
            "households_are": None if self.district is None else self.district.households_are,
            "faults": [fault.to_dict(language) for fault in self.faults],
        }

    def text(self, language: Language = "en") -> str:
        """
        Return the report for reading: a line of sums, then the faults by layer, errors first.

        Parameters
        ----------
        language
            ``en`` or ``zh``.
        """
        lines = [self._head(language)]
        for layer in dict.fromkeys(fault.layer for fault in self.faults):
            lines += ["", layer or {"en": "source", "zh": "数据源"}[language]]
            lines += [f"  {fault.text(language)}" for fault in self.faults if fault.layer == layer]
        return "\n".join(lines)

    def _head(self, language: Language) -> str:
        n_errors = len(self.errors)
        n_warnings = sum(fault.severity == "warning" for fault in self.faults)
        rows = ", ".join(f"{layer} {count:,}" for layer, count in self.counts.items())
        if self.district is None:
            verdict = {"en": f"cannot be planned: {n_errors} errors", "zh": f"不能编制方案：{n_errors} 个错误"}
        else:
            total = int(self.district.buildings["households"].sum())
            verdict = {"en": f"can be planned: {total:,} households", "zh": f"可以编制方案：{total:,} 户"}
        warnings = {"en": f"{n_warnings} warnings", "zh": f"{n_warnings} 个警告"}[language]
        return f"{self.source}: {verdict[language]}, {warnings} ({rows or '-'})"
