"""Cut a city's communities into service grids (网格) and keep them: plan, publish, look up, count."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridplan.estimator import BalancedRegions
    from gridplan.plan import Plan, read_plan

__version__ = "0.1.0"
__all__ = ["BalancedRegions", "Plan", "__version__", "read_plan"]

_HOMES = {"BalancedRegions": "gridplan.estimator", "Plan": "gridplan.plan", "read_plan": "gridplan.plan"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for: scikit-learn and numba take a second to load."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
