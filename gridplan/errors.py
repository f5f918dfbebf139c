"""
Every error that gridplan raises on purpose.

    GridplanError
    ├── InputError(ValueError)      a source, a layer or a value that cannot be used; carries all faults
    ├── RulesError(ValueError)      rules that contradict each other or do not exist
    ├── LocateError(ValueError)     coordinates, a datum, a date or a table that nothing can be looked up with
    ├── CodeOverflowError(ValueError)   a community has no grid code left
    └── StoreError                  the store cannot do what was asked; nothing was changed
        ├── StoreUnavailableError(ConnectionError)  no answer, or busy for too long: the same call may work later
        ├── StoreVersionError           the store's schema is older or newer than this gridplan
        ├── NotInStoreError(LookupError)    no such plan, or none in force
        ├── PlanStateError(ValueError)  a step that the plan's state or the rules of approval do not allow
        ├── CodeReusedError(ValueError) a plan brings back codes that were retired
        └── StaleBaseError              someone published, or saved an edit, since the plan was begun
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

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


class StoreError(GridplanError):
    """The store cannot do what was asked; nothing was changed."""


class StoreUnavailableError(StoreError, ConnectionError):
    """The store does not answer, or is busy for too long; the same call may work later."""


class StoreVersionError(StoreError):
    """The store's schema is older or newer than this gridplan."""


class NotInStoreError(StoreError, LookupError):
    """There is no such plan in the store, or none in force on that date."""


class PlanStateError(StoreError, ValueError):
    """A step that the plan's state or the rules of approval do not allow."""


class CodeReusedError(StoreError, ValueError):
    """A plan gives codes to grids that were retired with other grids; a code is never used again."""


class StaleBaseError(StoreError):
    """
    Someone published, or saved an edit, since the plan was begun.

    Parameters
    ----------
    message
        What to do.
    plan_id, by, at
        What was published or edited since, by whom, and when (aware, UTC).
    """

    def __init__(self, message: str, *, plan_id: str, by: str, at: datetime) -> None:
        self.plan_id, self.by, self.at = plan_id, by, at
        super().__init__(message)


class LocateError(GridplanError, ValueError):
    """Coordinates, a datum, a CRS, a date or a table that nothing can be looked up with."""
