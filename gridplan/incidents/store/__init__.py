"""
Incidents beside the plans of a store: brought in, followed, reviewed, read.

`Incidents` is all that others use.
"""

from gridplan.incidents.store.desk import Incidents
from gridplan.incidents.store.report import ImportReport

__all__ = ["ImportReport", "Incidents"]
