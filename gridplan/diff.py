"""What became of the grids of one plan in another: every pair with households and shares, and figures restated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gridplan.errors import RestateError
from gridplan.handover import handed_over
from gridplan.lineage import lineage_rows, shared_households
from gridplan.views import view
from gridplan.words import grouped, word

if TYPE_CHECKING:
    from gridplan.plan import Plan

CHANGES = ("unchanged", "changed", "split", "merged", "new", "retired")
PAIR_COLUMNS = ("old_code", "new_code", "change", "households", "old_households", "old_share", "new_share")
#: Code under which `restate` gives what belonged to grids that have no heir.
NOWHERE = ""


@dataclass(frozen=True, eq=False, repr=False)
class PlanDiff:
    """
    The difference between two plans.

    Parameters
    ----------
    old, new
        The plans.
    moved
        One row for each building, or entrance of a divided tower: ``building_id, entrance, old_code, new_code,
        old_households, households``; null where a plan does not have it.
    pairs
        ``old_code, new_code, change, households`` (as the new plan counts them)``, old_households`` (as the old one
        does)``, old_share`` (of the old grid's)``, new_share`` (of the new grid's), 0..1. ``households`` add up to
        the new plan's grids, ``old_households`` to the old plan's.
    """

    old: Plan
    new: Plan
    moved: pd.DataFrame
    pairs: pd.DataFrame

    @cached_property
    def counts(self) -> dict[str, int]:
        """Households of the new plan by change; those that are only in the old one under ``retired``."""
        rows = self.pairs.assign(n=self.pairs["households"].where(self.pairs["new_code"].notna(), 0))
        gone = self.pairs["new_code"].isna()
        rows.loc[gone, "n"] = self.pairs.loc[gone, "old_households"]
        sums = rows.groupby("change")["n"].sum()
        return {change: int(sums.get(change, 0)) for change in CHANGES}

    @cached_property
    def change_of_grid(self) -> dict[str, str]:
        """Change of each grid of the new plan: its own where it kept its code, else how most of it came."""
        order = self.pairs.dropna(subset=["new_code"]).assign(own=lambda rows: rows["old_code"] == rows["new_code"])
        order = order.sort_values(["own", "households"], ascending=False, kind="stable")
        first = order.drop_duplicates("new_code")
        return dict(zip(first["new_code"], first["change"], strict=True))

    @property
    def households_moved(self) -> int:
        """Households, as the new plan counts them, that are in both plans under another code."""
        both = self.moved.dropna(subset=["old_code", "new_code"])
        return int(both.loc[both["old_code"] != both["new_code"], "households"].sum())

    @cached_property
    def handover(self) -> pd.DataFrame:
        """What each old grid's worker carried and is to carry; see `gridplan.handover.handed_over`."""
        return handed_over(self)

    def restate(self, values: Mapping[str, int]) -> pd.Series:
        """
        Restate figures of the old plan's grids on the new plan's; see `restate`.

        Parameters
        ----------
        values
            Whole numbers by code of the old plan.
        """
        return restate(values, self.pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain JSON values."""
        rows = self.pairs.astype(object).where(self.pairs.notna(), None).to_dict("records")
        return {"counts": self.counts, "households_moved": self.households_moved, "pairs": rows}

    def lines(self, lang: str = "zh") -> list[str]:
        """
        Return the difference in a few lines.

        Parameters
        ----------
        lang
            ``zh`` or ``en``.
        """
        before, after = len(self.old.grids), len(self.new.grids)
        moved = f"{word('measure.moved', lang)} {grouped(self.households_moved)}"
        counts = [(word(f"change.{name}", lang), count) for name, count in self.counts.items() if count]
        return [
            f"网格 {before} → {after}；{moved}" if lang == "zh" else f"grids {before} → {after}; {moved}",
            *(f"  {change} {grouped(count)} {word('unit.households', lang)}" for change, count in counts),
        ]

    def __repr__(self) -> str:
        return "\n".join(self.lines("en"))

    def _repr_html_(self) -> str | None:
        return view("diff", self)


def diff_plans(old: Plan, new: Plan) -> PlanDiff:
    """
    Compare two plans, building by building.

    Parameters
    ----------
    old, new
        Two plans, of one district at two times or of one time in two ways; in one CRS or two. Buildings meet by id.
    """
    moved = _moved(_built(old), _built(new))
    return PlanDiff(old, new, moved, _pairs(old, new, moved))


def _built(plan: Plan) -> pd.DataFrame:
    rows = plan.units.loc[plan.units["building_id"].notna(), ["building_id", "entrance", "grid_code", "households"]]
    return pd.DataFrame(rows).assign(entrance=rows["entrance"].fillna(""))


def _moved(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Match the rows of two plans: by entrance where both have the same, else by building."""
    keys = ["building_id", "entrance"]
    names = {"grid_code": "old_code", "households": "old_households"}
    rows = old.rename(columns=names).merge(new.rename(columns={"grid_code": "new_code"}), on=keys, how="outer")
    lone = rows["old_code"].isna() | rows["new_code"].isna()
    both = set(old["building_id"]) & set(new["building_id"])
    odd = lone & rows["building_id"].isin(both)
    # One building that only one of the plans divides: all its rows are matched anew.
    again = rows["building_id"].isin(set(rows.loc[odd, "building_id"]))
    parts = [rows[~again]]
    for building, mine in rows[again].groupby("building_id", sort=True):
        parts.append(_rematched(str(building), mine))
    out = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    out = out.sort_values(keys, kind="stable").reset_index(drop=True)
    counts = out[["old_households", "households"]].fillna(0).astype("int64")
    text = {name: out[name].astype(object).where(out[name].notna(), None) for name in ("old_code", "new_code")}
    entrance = out["entrance"].astype(object).where(out["entrance"] != "", None)
    columns = {"building_id": out["building_id"].astype(object), "entrance": entrance, **text}
    return pd.DataFrame({**columns, "old_households": counts["old_households"], "households": counts["households"]})


def _rematched(building: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows for each pair of an old and a new part, households shared by the parts' sizes."""
    old = rows.dropna(subset=["old_code"]).groupby("old_code")["old_households"].sum()
    new = rows.dropna(subset=["new_code"]).groupby("new_code")["households"].sum()
    share_old = [shared_out(int(total), new.to_numpy() + 1) for total in old]
    share_new = np.array([shared_out(int(total), old.to_numpy() + 1) for total in new]).T
    pairs = [
        (building, "", one, two, float(share_old[i][j]), float(share_new[i][j]))
        for i, one in enumerate(old.index)
        for j, two in enumerate(new.index)
    ]
    columns = ["building_id", "entrance", "old_code", "new_code", "old_households", "households"]
    return pd.DataFrame(pairs, columns=columns)


def shared_out(total: int, weights: Any) -> Any:
    """
    Share a whole number out by weights, to the last unit: largest remainders take the rest.

    Parameters
    ----------
    total
        Whole number, of either sign.
    weights
        Whole numbers >= 0, at least one > 0; equal remainders go in order.

    Examples
    --------
    >>> shared_out(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    # Exact in whole numbers of any size: a float loses units above 2**53.
    known = [int(weight) for weight in weights]
    whole = sum(known)
    parts = [total * weight // whole for weight in known]
    rests = [total * weight % whole for weight in known]
    for place in sorted(range(len(known)), key=lambda place: (-rests[place], place))[: total - sum(parts)]:
        parts[place] += 1
    return np.array(parts, dtype=object)


def _pairs(old: Plan, new: Plan, moved: pd.DataFrame) -> pd.DataFrame:
    lasting = moved[moved["new_code"].notna()]
    codes = new.grids["grid_code"].tolist()
    home = dict(zip(old.grids["grid_code"], old.grids["community_code"], strict=True))
    grid = pd.Index(codes).get_indexer(pd.Index(lasting["new_code"]))
    shared = shared_households(
        lasting["old_code"].to_numpy(dtype=object),
        np.array([home.get(code) for code in lasting["old_code"]], dtype=object),
        grid.astype(np.int64),
        new.grids["community_code"].to_numpy(dtype=object)[grid],
        lasting["households"].to_numpy(dtype=np.int64),
    )
    before = old.grids if old.grids.crs == new.grids.crs or None in (old.grids.crs, new.grids.crs) else None
    shapes = (old.grids.to_crs(new.grids.crs) if before is None else before).geometry
    ground = dict(zip(old.grids["grid_code"], shapes, strict=True))
    known = _same_points(ground, new)
    rows = lineage_rows(shared, codes, ground, new.grids.geometry.to_numpy(), known)
    return _with_shares(_with_gone(rows, moved), moved)


def _same_points(ground: Mapping[str, Any], new: Plan) -> dict[str, str]:
    """Return the grids whose shape is the same to the last point: no need to overlay these."""
    return {
        code: "unchanged"
        for code, shape in zip(new.grids["grid_code"], new.grids.geometry, strict=True)
        if code in ground and shapely.equals_identical(shape, ground[code])
    }


def _with_gone(rows: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Add a row for the households of each old grid that are in no new one."""
    gone = sorted(set(moved.loc[moved["new_code"].isna(), "old_code"]))
    told = set(rows.loc[rows["new_code"].isna(), "old_code"])
    more = [(code, None, "retired", 0) for code in gone if code not in told]
    if not more:
        return rows
    extra = pd.DataFrame(more, columns=list(rows.columns)).astype({"new_code": object})
    return pd.concat([rows, extra], ignore_index=True)


def _with_shares(rows: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    keys = ["old_code", "new_code"]
    counted = moved.groupby(keys, dropna=False)["old_households"].sum()
    before = {tuple(None if pd.isna(each) else each for each in key): int(n) for key, n in counted.items()}  # type: ignore[attr-defined]
    pairs = list(zip(*(rows[name].astype(object).where(rows[name].notna(), None) for name in keys), strict=True))
    out = rows.assign(old_households=pd.Series([before.get(pair, 0) for pair in pairs], dtype="int64"))
    old_total = out.groupby("old_code")["old_households"].transform("sum")
    new_total = out.groupby("new_code")["households"].transform("sum")
    out = out.assign(
        old_share=(out["old_households"] / old_total.where(old_total > 0)).round(6),
        new_share=(out["households"] / new_total.where(new_total > 0)).round(6),
    )
    return out[list(PAIR_COLUMNS)]


def restate(values: Mapping[str, int], lineage: pd.DataFrame) -> pd.Series:
    """
    Restate figures of old grids on new ones, exactly: the sum stays, to the last unit.

    Parameters
    ----------
    values
        Whole numbers by old code: incidents, persons, minutes.
    lineage
        ``pairs`` of a `PlanDiff`, or the layer ``lineage`` of a plan.

    Returns
    -------
    restated
        Whole numbers by new code, for every new code. What belonged to a grid without an heir stands under `NOWHERE`.

    Raises
    ------
    RestateError
        If a code is not in the lineage, or a value is no whole number; all are named.

    Notes
    -----
    Each old grid's figure is shared out among the grids that its households went to, by households; the largest
    remainders take what does not divide. Where nobody lives the heirs share alike.
    """
    rows = lineage[lineage["old_code"].notna()]
    _check_values(values, set(rows["old_code"]))
    weight = "old_households" if "old_households" in rows else "households"
    out: dict[str, int] = dict.fromkeys(sorted(lineage["new_code"].dropna().unique()), 0)
    heirs = dict(iter(rows.groupby("old_code", sort=True)))
    for code in sorted(values):
        mine = heirs[code]
        weights = [int(each) for each in mine[weight]]
        equal = [1] * len(weights)
        parts = shared_out(int(values[code]), weights if any(weights) else equal)
        for heir, part in zip(mine["new_code"], parts, strict=True):
            key = NOWHERE if heir is None or pd.isna(heir) else str(heir)
            out[key] = out.get(key, 0) + int(part)
    return pd.Series(out, dtype="int64", name="restated").rename_axis("grid_code")


def _check_values(values: Mapping[str, int], known: set[str]) -> None:
    unknown = sorted(str(code) for code in values if code not in known)
    if unknown:
        raise RestateError(f"the lineage has no old grid {', '.join(unknown[:5])} ({len(unknown)} in all)")
    broken = [code for code, value in values.items() if isinstance(value, bool) or int(value) != value]
    if broken:
        raise RestateError(f"whole numbers can be restated exactly; found others for {', '.join(broken[:5])}")
