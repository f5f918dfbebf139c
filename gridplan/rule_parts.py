"""The parts of the rules: band, weights, work model, barriers; each refuses what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gridplan.errors import RulesError
from gridplan.schema import SPECIAL_GROUPS, nearest

IMPASSABLE_KINDS = ("river", "water", "railway", "motorway")
BRIDGE_KIND = "bridge"
REVISE_MODES = ("repair", "balance", "free")
# Terms with larger weights would overflow the whole numbers in which the objective and work are summed up.
LARGEST_WEIGHT = 1_000_000


@dataclass(frozen=True)
class Band:
    """
    Allowed households of a grid.

    Parameters
    ----------
    minimum, target, maximum
        Households, 0 < minimum <= target <= maximum. 300, 400, 500 is the norm of most cities
        (for example Haikou 2014 and 2020, Wucui).
    """

    minimum: int = 300
    target: int = 400
    maximum: int = 500

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.target <= self.maximum:
            raise RulesError(
                f"the band needs 0 < minimum <= target <= maximum; "
                f"found minimum {self.minimum}, target {self.target}, maximum {self.maximum}"
            )

    def counts(self, total: int) -> range:
        """
        Return the numbers of grids that a total of households can be cut into, by arithmetic alone.

        Parameters
        ----------
        total
            Households of one connected part, >= 0.

        Examples
        --------
        >>> list(Band().counts(1000))
        [2, 3]
        >>> list(Band().counts(579))
        []
        """
        return range(-(-total // self.maximum), total // self.minimum + 1) if total > 0 else range(0)


@dataclass(frozen=True)
class LevelRules:
    """
    What rules a level above or below the grids: proposed communities, or micro-grids.

    Parameters
    ----------
    minimum, maximum
        Households of an area of the level, 0 < minimum <= maximum.
    target
        Households on average, minimum <= target <= maximum; 0 takes the middle of the two.
    code
        Template of codes with ``{parent}`` (of a micro-grid its grid's code, of a community its town's) and
        ``{sequence}``.
    number
        Number of areas set for a parent, by the parent's code.
    """

    minimum: int
    maximum: int
    target: int
    code: str
    number: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.band
        if "{parent" not in self.code or "{sequence" not in self.code:
            raise RulesError(f"code: {self.code!r} must hold both {{parent}} and {{sequence}}, or codes repeat")
        wrong = {code: count for code, count in self.number.items() if count < 1}
        if wrong:
            raise RulesError(f"number must be at least 1; found {wrong}")

    @property
    def band(self) -> Band:
        """The band of the level."""
        return Band(self.minimum, self.target or (self.minimum + self.maximum) // 2, self.maximum)


@dataclass(frozen=True)
class Weights:
    """
    Weights of the objective's terms, each dimensionless and >= 0 (design 4.2).

    Parameters
    ----------
    balance
        Squared deviation of a grid's work from the mean.
    barriers
        Length of boundary that follows no barrier.
    compactness
        Moment of inertia about the grid's centre.
    boundary
        Length of boundary, wherever it runs.
    target
        Squared deviation of the mean households from the target: what chooses the number of grids.
    compounds
        A compound cut into more parts than its size asks for.
    stability
        Households that leave the grid they are in today; of no effect in ``gridplan plan``, which cuts afresh.
    departments
        Length of boundary, times the share of departments that have no border there; of effect in ``gridplan unite``.
    """

    balance: float = 1.0
    barriers: float = 1.0
    compactness: float = 1.0
    boundary: float = 0.5
    target: float = 0.3
    compounds: float = 1.0
    stability: float = 0.0
    departments: float = 10.0

    def __post_init__(self) -> None:
        _require_not_negative(self, "weights")


@dataclass(frozen=True)
class WorkModel:
    """
    Minutes per month that a grid worker needs, where the source gives no ``work_min``.

    No official formula exists; these weights are ours, no standard, and meant to be replaced by a district's own.
    ``docs/workload.md`` says how each was thought of, and how far plans depend on it.

    Parameters
    ----------
    per_household, per_person, per_building
        Minutes per month; persons count where the source gives them.
    per_hectare
        Minutes per month for each 10,000 m2 of ground.
    per_street_km
        Minutes per month for patrolling 1 km of street; each side of a street counts half, so that a street between
        two grids is shared.
    per_incident
        Minutes for each reported incident of the layer ``incidents`` that has a place.
    incident_months
        Months in which the incidents were reported; 0 takes those from the first report to the last, at least one.
    special
        Minutes per month for each person of a special group, by column of ``buildings``.
    """

    per_household: float = 12.0
    per_person: float = 2.0
    per_building: float = 20.0
    per_hectare: float = 15.0
    per_street_km: float = 300.0
    per_incident: float = 30.0
    incident_months: float = 0.0
    special: Mapping[str, float] = field(
        default_factory=lambda: {
            "elderly_alone": 60.0,
            "disabled": 30.0,
            "minimum_living": 20.0,
            "children_alone": 30.0,
            "key_persons": 40.0,
        }
    )

    def __post_init__(self) -> None:
        _require_not_negative(self, "work")
        unknown = sorted(set(self.special) - set(SPECIAL_GROUPS))
        if unknown:
            near = nearest(unknown[0], SPECIAL_GROUPS) or ", ".join(SPECIAL_GROUPS)
            raise RulesError(f"work.special: unknown group {unknown[0]!r}; did you mean {near!r}?")
        wrong = {group: minutes for group, minutes in self.special.items() if not 0 <= minutes <= LARGEST_WEIGHT}
        if wrong:
            raise RulesError(f"work.special must not be negative, nor above {LARGEST_WEIGHT:,}; found {wrong}")


@dataclass(frozen=True)
class ReviseRules:
    """
    How ``gridplan revise`` treats today's grids.

    Parameters
    ----------
    mode
        ``repair`` moves as few households as the rules need; ``balance`` spends a budget of households on even work
        and shape; ``free`` cuts afresh, codes following where half the households stay.
    budget
        Share of a community's households that may change grid under ``balance``, 0..1; what the rules need is moved
        anyway.
    """

    mode: str = "repair"
    budget: float = 0.05

    def __post_init__(self) -> None:
        if self.mode not in REVISE_MODES:
            raise RulesError(f"revise.mode must be one of {', '.join(REVISE_MODES)}; found {self.mode!r}")
        if not 0 <= self.budget <= 1:
            raise RulesError(f"revise.budget is a share of households, 0 to 1; found {self.budget}")


@dataclass(frozen=True)
class BarrierRules:
    """
    What boundaries should follow; what separates is said by the source, by kind and by the column ``passable``.

    Parameters
    ----------
    ranks
        How well a boundary runs along a kind, 0 (as good as open ground) to 1; ``default_rank`` for all others.
    default_rank
        Rank of kinds not named.
    tolerance_m
        Distance within which a boundary counts as running along a barrier, metres (design 4.3 and the
        acceptance measure use 5 m).
    """

    ranks: Mapping[str, float] = field(
        default_factory=lambda: {
            **dict.fromkeys((*IMPASSABLE_KINDS, "trunk", "primary"), 1.0),
            "secondary": 0.95,
            "tertiary": 0.9,
            "residential": 0.85,
            "wall": 0.85,
        }
    )
    default_rank: float = 0.8
    tolerance_m: float = 5.0

    def __post_init__(self) -> None:
        wrong = {kind: rank for kind, rank in self.ranks.items() if not 0 <= rank <= 1}
        if wrong or not 0 <= self.default_rank <= 1:
            raise RulesError(f"barrier ranks must lie in 0..1; found {wrong or self.default_rank}")


@dataclass(frozen=True)
class ApprovalRules:
    """
    What must happen before a plan is published; by default nothing.

    Parameters
    ----------
    approver_differs
        Whether a plan is approved by another person than those who made, edited or submitted it.
    notice_days
        Days of public notice (公示) between submission and approval, >= 0; 0 asks for none.
    """

    approver_differs: bool = False
    notice_days: int = 0

    def __post_init__(self) -> None:
        _require_not_negative(self, "approval")


def _require_not_negative(group: Any, place: str) -> None:
    values = {item.name: getattr(group, item.name) for item in fields(group)}
    # Neither is nan anything of 0 to the largest.
    wrong = {
        name: value
        for name, value in values.items()
        if not isinstance(value, Mapping) and not 0 <= value <= LARGEST_WEIGHT
    }
    if wrong:
        raise RulesError(f"{place} must not be negative, nor above {LARGEST_WEIGHT:,}; found {wrong}")
