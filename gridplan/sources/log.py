"""The log that collects all faults of a source while the readers go on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from gridplan.catalogue import Entry, Severity, catalogue
from gridplan.faults import Fault, errors_of, first_rows
from gridplan.schema import nearest


@dataclass
class FaultLog:
    """
    Faults found so far, and the codes that the planner accepts.

    Parameters
    ----------
    accept
        Codes of faults that may be accepted.
    """

    accept: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def add(
        self,
        code: str,
        layer: str = "",
        column: str = "",
        *,
        rows: Sequence[object] = (),
        count: int | None = None,
        file: str = "",
        **params: object,
    ) -> bool:
        """
        Add one fault.

        Parameters
        ----------
        code
            Code of the catalogue.
        layer, column
            Where it is, in the contract's names.
        rows
            Ids of all rows concerned; the first five are kept.
        count
            Number of rows concerned, where it is not the number of ``rows``.
        file
            File concerned.
        params
            Values for the catalogue's texts.

        Returns
        -------
        go_on
            True where the run may go on: a warning, a note, or an error that the planner accepts.
        """
        entry = catalogue()[code]
        acceptable = layer in entry.acceptable
        accepted = acceptable and code in self.accept
        severity: Severity = "warning" if accepted else entry.severity
        total = len(rows) if count is None else count
        fault = Fault(code, layer, column, params, first_rows(rows), total, severity, acceptable, accepted, file)
        self.faults.append(fault)
        return severity != "error"

    def has(self, code: str, layer: str, column: str) -> bool:
        """
        Return whether a fault is in the log already.

        Parameters
        ----------
        code, layer, column
            As of :meth:`add`.
        """
        return any((fault.code, fault.layer, fault.column) == (code, layer, column) for fault in self.faults)

    @property
    def broken(self) -> bool:
        """Whether any fault refuses the run."""
        return bool(errors_of(self.faults))

    def sorted(self) -> tuple[Fault, ...]:
        """Return the faults: errors first, then warnings and notes, each in the order found."""
        order = {"error": 0, "warning": 1, "note": 2}
        return tuple(sorted(self.faults, key=lambda fault: order[fault.severity]))

    def accept_codes(self, codes: Iterable[str]) -> None:
        """
        Take codes to accept, and refuse those that do not exist or cannot be accepted.

        Parameters
        ----------
        codes
            Codes as the planner wrote them.
        """
        known = catalogue()
        for code in codes:
            if code not in known:
                hint = nearest(code, acceptable_codes(known.values()))
                self.add("unknown-accept", value=code, nearest=hint or "-")
            elif not known[code].acceptable:
                self.add("not-acceptable", value=code)
            else:
                self.accept.add(code)


def acceptable_codes(entries: Collection[Entry]) -> list[str]:
    """Return the codes that ``--accept`` takes."""
    return [entry.code for entry in entries if entry.acceptable]
