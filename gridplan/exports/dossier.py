"""What a set of deliverables is made from: a plan, its days, its source, the language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

from gridplan.errors import ExportError
from gridplan.words import day, heading, word

if TYPE_CHECKING:
    from gridplan.district import District
    from gridplan.plan import Plan

Lang = Literal["zh", "en"]


@dataclass(frozen=True, eq=False)
class Dossier:
    """
    What deliverables are made from.

    Parameters
    ----------
    plan
        The plan.
    plan_id
        Name under which the plan is known: its id in the store, or the stem of its file.
    made_on
        Day that is printed on everything.
    valid_from, valid_to
        First day in force and first day no more in force; None where there is none.
    district
        The source: names of streets, footprints, addresses. None leaves these out.
    communities
        Codes of the communities wanted; empty for all.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    ExportError
        If the plan lacks a community that is wanted, the days are in the wrong order, or the source is another
        district's; all at once.
    """

    plan: Plan
    plan_id: str
    made_on: date
    valid_from: date | None = None
    valid_to: date | None = None
    district: District | None = None
    communities: tuple[str, ...] = ()
    lang: Lang = "zh"

    def __post_init__(self) -> None:
        found = [*self._unknown(), *self._days(), *self._strange()]
        if found:
            raise ExportError("\n".join(found))

    def _unknown(self) -> list[str]:
        known = set(self.plan.grids["community_code"])
        lacking = [code for code in self.communities if code not in known]
        some = ", ".join(sorted(known)[:5])
        return [f"the plan has no community {code}; it has {len(known)}: {some}, ..." for code in lacking]

    def _days(self) -> list[str]:
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            return [f"valid-to {self.valid_to} must be later than valid-from {self.valid_from}"]
        return []

    def _strange(self) -> list[str]:
        if self.district is None:
            return []
        built = self.plan.units["building_id"].dropna()
        if len(built) and not built.isin(self.district.buildings["building_id"]).any():
            return [f"the source {self.district.name} has none of the plan's buildings; give the source of this plan"]
        return []

    def only(self, communities: Collection[str]) -> Dossier:
        """
        Return the same for some communities.

        Parameters
        ----------
        communities
            Their codes.
        """
        return replace(self, communities=tuple(communities))

    @property
    def zh(self) -> bool:
        """Whether the language is Chinese."""
        return self.lang == "zh"

    def say(self, zh: str, en: str) -> str:
        """
        Return one of two texts, by language.

        Parameters
        ----------
        zh, en
            The text in both languages.
        """
        return zh if self.zh else en

    @cached_property
    def grids(self) -> gpd.GeoDataFrame:
        """Grids of the communities wanted, by code, with the days in force as ``valid_from`` and ``valid_to``."""
        grids = self.plan.grids
        mine = grids["community_code"].isin(self.communities) if self.communities else grids["grid_code"].notna()
        chosen = grids[mine].sort_values("grid_code", kind="stable").reset_index(drop=True)
        since = chosen["valid_from"] if self.valid_from is None else self.valid_from.isoformat()
        until = None if self.valid_to is None else self.valid_to.isoformat()
        days = pd.DataFrame({"valid_from": since, "valid_to": until}, index=chosen.index, dtype=object)
        names = chosen["community_code"].map(self.names)
        return chosen.assign(community_name=names, valid_from=days["valid_from"], valid_to=days["valid_to"])

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of each community by code; the code where it has none."""
        tables = (
            [self.plan.communities] if self.district is None else [self.district.communities, self.plan.communities]
        )
        rows = [row for table in tables for row in zip(table["community_code"], table["name"], strict=True)]
        known = {str(code): str(name) for code, name in rows if name}
        return {code: known.get(code, code) for code in self.plan.grids["community_code"].unique()}

    @cached_property
    def buildings(self) -> pd.DataFrame:
        """
        One row per building, or entrance of a divided tower, of the grids wanted.

        ``building_id, entrance, grid_code, old_code, households, persons, compound_id, address``, by grid and id.
        """
        units = self.plan.units
        mine = units["building_id"].notna() & units["grid_code"].isin(self.grids["grid_code"])
        names = ["building_id", "entrance", "grid_code", "old_code", "households", "persons", "compound_id"]
        rows = pd.DataFrame(units.loc[mine, names]).reset_index(drop=True)
        rows = rows.assign(address=rows["building_id"].map(self._addresses))
        return rows.sort_values(["grid_code", "building_id", "entrance"], kind="stable", ignore_index=True)

    @cached_property
    def _addresses(self) -> dict[str, Any]:
        if self.district is None:
            return {}
        table = self.district.buildings
        return dict(zip(table["building_id"], table["address"], strict=True))

    @property
    def notices(self) -> list[str]:
        """What every output says of the data, in the language."""
        lines: list[str] = [str(each[self.lang]) for each in self.plan.report.get("notices", ())]
        if not self.plan.report.get("households_are"):
            lines.append(heading("said.households_unsaid", self.lang))
        return lines

    @property
    def in_force(self) -> str:
        """The days in force in words, or that this is a draft."""
        since = self.valid_from.isoformat() if self.valid_from else next(iter(self.grids["valid_from"].dropna()), None)
        if since is None:
            return word("state.draft", self.lang)
        first, last = day(since, self.lang), "" if self.valid_to is None else day(self.valid_to, self.lang)
        until = self.say(f"，{last}停用", f", until {last}") if last else ""
        return self.say(f"{first}启用{until}", f"in force from {first}{until}")

    @property
    def footer(self) -> list[str]:
        """What stands under everything that is posted."""
        plan = self.say(
            f"方案：{self.plan_id}　状态：{self.in_force}　制作日期：{day(self.made_on, self.lang)}",
            f"Plan: {self.plan_id}   Status: {self.in_force}   Made on: {day(self.made_on, self.lang)}",
        )
        return [word("said.no_division", self.lang), *self.notices, plan]
