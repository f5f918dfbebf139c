"""
Every error that gridplan raises on purpose.

    GridplanError
    ├── InputError(ValueError)      a source, a layer or a value that cannot be used; carries all faults
    ├── RulesError(ValueError)      rules that contradict each other or do not exist
    └── CodeOverflowError(ValueError)   a community has no grid code left
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridplan.faults import Fault


class GridplanError(Exception):
    """Base of all errors that gridplan raises on purpose."""


class InputError(GridplanError, ValueError):
    """
    Input that cannot be used as it is.

    Parameters
    ----------
    faults
        All faults found, not the first alone; at least one.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class RulesError(GridplanError, ValueError):
    """Rules that contradict each other, or a key that does not exist."""


class CodeOverflowError(GridplanError, ValueError):
    """A community needs more grid codes than its template can hold; codes are never wrapped or reused."""
