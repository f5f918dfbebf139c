"""Cut a city's communities into service grids (网格) and keep them: plan, publish, look up, count."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridplan.diff import diff_plans, restate
    from gridplan.errors import EditRefused, GridplanError, InputError
    from gridplan.estimator import BalancedRegions
    from gridplan.locator import Locator
    from gridplan.plan import Plan
    from gridplan.rules import Rules
    from gridplan.session import read_plan
    from gridplan.shortcuts import example, make_plan, revise, unite
    from gridplan.sources import check_source, read_source
    from gridplan.workload_sensitivity import sensitivity

__version__ = "0.1.0"
__all__ = [
    "BalancedRegions",
    "EditRefused",
    "GridplanError",
    "InputError",
    "Locator",
    "Plan",
    "Rules",
    "__version__",
    "check_source",
    "diff_plans",
    "example",
    "make_plan",
    "read_plan",
    "read_source",
    "restate",
    "revise",
    "sensitivity",
    "unite",
]

_HOMES = {
    "BalancedRegions": "gridplan.estimator",
    "EditRefused": "gridplan.errors",
    "GridplanError": "gridplan.errors",
    "InputError": "gridplan.errors",
    "Locator": "gridplan.locator",
    "Plan": "gridplan.plan",
    "Rules": "gridplan.rules",
    "check_source": "gridplan.sources",
    "diff_plans": "gridplan.diff",
    "example": "gridplan.shortcuts",
    "make_plan": "gridplan.shortcuts",
    "read_plan": "gridplan.session",
    "read_source": "gridplan.sources",
    "restate": "gridplan.diff",
    "revise": "gridplan.shortcuts",
    "sensitivity": "gridplan.workload_sensitivity",
    "unite": "gridplan.shortcuts",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for: scikit-learn and numba take a second to load."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
