"""
Every error that gridplan raises on purpose.

    GridplanError
    ├── InputError(ValueError)      a source, a layer or a value that cannot be used; carries all faults
    ├── RulesError(ValueError)      rules that contradict each other or do not exist
    ├── LocateError(ValueError)     coordinates, a datum, a date or a table that nothing can be looked up with
    ├── CodeOverflowError(ValueError)   a community has no grid code left
    ├── ClusterError(ConnectionError)   a Dask scheduler or its workers that cannot be used
    ├── PlanFileError(ValueError)   a file that holds no plan, or not all of one
    ├── ExportError(ValueError)     a deliverable that cannot be made: unknown community, wrong days, no Chinese font
    ├── RestateError(ValueError)    figures that no lineage can restate
    ├── IncidentError(ValueError)   a table, a record or a period of incidents that cannot be used
    │   ├── NoIncidentError(LookupError)    no such incident, or not for who asks
    │   ├── TransitionError         a step that an incident's state does not allow; carries the legal ones
    │   └── StaleIncidentError      somebody took a step since the incident was read
    ├── EditError(ValueError)       an edit that cannot be made, whoever insists; nothing was changed
    │   ├── UnknownCodeError(LookupError)   no such grid, unit or building
    │   ├── NotADraftError              the plan is published, retired or handed in
    │   ├── StaleEditError              the edit was meant for another state of the plan
    │   └── EditRefused                 a rule would break; ``force`` keeps the breach as a named violation
    └── StoreError                  the store cannot do what was asked; nothing was changed
        ├── StoreUnavailableError(ConnectionError)  no answer, or busy for too long: the same call may work later
        ├── StoreVersionError           the store's schema is older or newer than this gridplan
        ├── NotInStoreError(LookupError)    no such plan, or none in force
        ├── PlanStateError(ValueError)  a step that the plan's state or the rules of approval do not allow
        ├── CodeReusedError(ValueError) a plan brings back codes that were retired
        ├── StaleBaseError              someone published, or saved an edit, since the plan was begun
        ├── JobConflictError            another job plans the same ground; it is named
        ├── JobStateError(ValueError)   a step that the state of a job does not allow
        └── JobLostError                a job that this process runs no more: cancelled, or another's
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gridplan.faults import Fault
    from gridplan.jobs.records import Job


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


class StoreDamagedError(StoreError):
    """What the store holds is not what was written: the disk, or somebody, changed it; restore a backup."""


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


class JobConflictError(StoreError):
    """
    Another job plans the same ground, or waits to.

    Parameters
    ----------
    message
        Which, whose, and what to do.
    job
        The other job.
    """

    def __init__(self, message: str, *, job: Job) -> None:
        self.job = job
        super().__init__(message)


class JobStateError(StoreError, ValueError):
    """A step that the state of a job does not allow."""


class JobLostError(StoreError):
    """A job that this process runs no more: it was cancelled, or another process has it; nothing was kept."""


class LocateError(GridplanError, ValueError):
    """Coordinates, a datum, a CRS, a date or a table that nothing can be looked up with."""


class ClusterError(GridplanError, ConnectionError):
    """A Dask scheduler that does not answer, or workers that cannot plan as this process would."""


class PlanFileError(GridplanError, ValueError):
    """A file that holds no plan, or not all of one."""


class ExportError(GridplanError, ValueError):
    """A deliverable that cannot be made: an unknown community, days in the wrong order, no Chinese font."""


class RestateError(GridplanError, ValueError):
    """Figures that cannot be restated exactly: of unknown grids, or no whole numbers."""


class IncidentError(GridplanError, ValueError):
    """A table, a record, a step or a period of incidents that cannot be used; nothing was changed."""


class TooFewError(IncidentError):
    """Too few grids, days or incidents for a finding: nothing is wrong, and nothing can be told."""


class NoIncidentError(IncidentError, LookupError):
    """An incident that does not exist, or not for who asks."""


class TransitionError(IncidentError):
    """
    A step that an incident's state, or who takes it, does not allow.

    Parameters
    ----------
    message
        What was asked, and what the state is.
    legal
        Actions that may be taken now.
    """

    def __init__(self, message: str, legal: Sequence[str] = ()) -> None:
        self.legal = tuple(legal)
        super().__init__(message)


class StaleIncidentError(IncidentError):
    """Somebody took a step with the incident since it was read; read it again."""


class EditError(GridplanError, ValueError):
    """
    An edit that cannot be made, whoever insists; nothing was changed.

    Parameters
    ----------
    message
        Why, in English.
    chinese
        The same in Chinese.
    """

    def __init__(self, message: str, chinese: str = "") -> None:
        self.chinese = chinese or message
        super().__init__(message)

    def text(self, lang: str) -> str:
        """Return the message in ``zh`` or ``en``."""
        return self.chinese if lang == "zh" else str(self)


class UnknownCodeError(EditError, LookupError):
    """A grid, unit or building that the plan does not have."""


class NotADraftError(EditError):
    """A plan that may no longer be changed: published, retired, or handed in for approval."""


class StaleEditError(EditError):
    """An edit meant for another state of the plan than it is in now."""


class EditRefused(EditError):  # noqa: N818 - it reads as what happened
    """
    An edit that would break a rule; ``force=True`` keeps it and names the violation.

    Parameters
    ----------
    message
        Which rules, in words.
    violations
        Rows that the edit would add, as in the layer ``violations``.
    chinese
        The message in Chinese.
    """

    def __init__(self, message: str, violations: Sequence[dict[str, object]] = (), chinese: str = "") -> None:
        self.violations = tuple(violations)
        super().__init__(message, chinese)
