"""Cut a city's communities into service grids (网格) and keep them: plan, publish, look up, count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridplan.estimator import BalancedRegions

__version__ = "0.1.0"
__all__ = ["BalancedRegions", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the estimator when it is first asked for: scikit-learn and numba take a second to load."""
    if name == "BalancedRegions":
        from gridplan.estimator import BalancedRegions

        return BalancedRegions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
