"""
The store: plans, their edits, their way to publication, codes, and which plan is in force on a day.

`Store` is all that others use. It needs SQLAlchemy and Alembic, so it is imported where it is used.
"""

from gridplan.store.records import Event, PlanInfo, State
from gridplan.store.store import Store

__all__ = ["Event", "PlanInfo", "State", "Store"]
