"""
Which grid owns a point: one point or millions, in any datum, now or on a date; and tables of points and addresses.

    PointIndex      the grids of one plan, ready to be asked
    DatedIndex      several plans, each in force from a day to a day
    Located         the answer for one point; LocatedMany for an array of points
"""

from gridplan.locate.dated import DatedIndex, DatedPlan
from gridplan.locate.index import PointIndex
from gridplan.locate.located import STATUSES, Located, LocatedMany, Status

__all__ = ["STATUSES", "DatedIndex", "DatedPlan", "Located", "LocatedMany", "PointIndex", "Status"]
