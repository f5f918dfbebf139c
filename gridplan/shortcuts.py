"""What a notebook asks for in one line: an example to try, a plan of a source, a revision of today's grids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.partition.solve import EffortName
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules, read_rules, rules_from
from gridplan.sources import read_source

if TYPE_CHECKING:
    from gridplan.uniting.unite import United

Source = str | Path | District
GivenRules = Rules | Mapping[str, Any] | str | Path | None
Example = Literal["district", "departments", "bubenec", "yudu", "towns"]


def example(name: Example = "district", folder: str | Path = ".", *, households: int = 45_000, seed: int = 1) -> Path:
    """
    Write one of the bundled sources, to try things out on.

    Parameters
    ----------
    name
        ``district``, a synthetic Chinese district; ``departments``, the overlapping layers of four departments over
        the same district, ``police, city_management, fire, party``; ``bubenec``, real footprints and streets of a
        part of Prague with estimated households; ``yudu``, an overloaded estate whose drawing is made up; ``towns``,
        twelve towns with cases, to be joined into zones.
    folder
        Where to write it; made where it is missing.
    households, seed
        Of the synthetic district: 10,000 households or more, and the seed of its random numbers.

    Returns
    -------
    path
        The GeoPackage.

    Raises
    ------
    ValueError
        If there is no such example.
    """
    from gridplan.synthetic import make_district, write_bubenec, write_district, write_towns, write_yudu
    from gridplan.synthetic.departments import write_departments

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if name == "bubenec":
        return write_bubenec(folder / "bubenec-estimated.gpkg")
    if name == "yudu":
        return write_yudu(folder / "yudu.gpkg")
    if name == "towns":
        return write_towns(folder / "towns.gpkg", np.random.default_rng(seed))
    if name in ("district", "departments"):
        count = max(3, round(households / 3_750))
        made = make_district(np.random.default_rng(seed), n_communities=count, households=households)
        if name == "departments":
            return write_departments(made, folder / "synthetic-departments.gpkg", np.random.default_rng(seed))
        return write_district(made, folder / "synthetic-district.gpkg")
    raise ValueError(f"no example is called {name!r}; there are departments, district, bubenec, towns and yudu")


def make_plan(
    source: Source,
    rules: GivenRules = None,
    *,
    effort: EffortName = "normal",
    jobs: int = 1,
    accept: Collection[str] = (),
    estimate: bool = False,
) -> Plan:
    """
    Read a source and cut it into grids: what ``gridplan plan`` does, without writing a file.

    Parameters
    ----------
    source
        GeoPackage or TOML file, or a district that was read already.
    rules
        Keys that differ from the source's own, ``{"maximum": 450}``; a rules file; or complete rules.
    effort
        ``quick``, ``normal`` or ``best``.
    jobs
        Processes to use at most; the plan is the same.
    accept, estimate
        As of `gridplan.read_source`.

    Raises
    ------
    InputError
        If anything in the source refuses the run; it carries all faults.
    RulesError
        If the rules name what does not exist or ask for what cannot be.
    """
    district = _district(source, accept, estimate)
    return build_plan(district, _rules(district, rules), effort=effort, jobs=jobs)


def revise(
    source: Source,
    rules: GivenRules = None,
    *,
    effort: EffortName = "normal",
    jobs: int = 1,
    accept: Collection[str] = (),
    estimate: bool = False,
) -> Plan:
    """
    Revise today's grids, the source's layer ``grids``: what ``gridplan revise`` does, without writing a file.

    Parameters
    ----------
    source
        As of `make_plan`, with today's grids.
    rules
        As of `make_plan`; ``{"revise": {"mode": "balance", "budget": 0.05}}`` chooses how.
    effort, jobs, accept, estimate
        As of `make_plan`.

    Raises
    ------
    InputError
        If anything in the source refuses the run; it carries all faults.
    RulesError
        If the source has no grids of today, or as `make_plan`.
    """
    district = _district(source, accept, estimate)
    if district.grids is None or not len(district.grids):
        raise RulesError(f"{district.name}: nothing to revise: no layer `grids`; make_plan cuts afresh")
    return build_plan(district, _rules(district, rules), effort=effort, jobs=jobs, revising=True)


def unite(
    source: Source, layers: Mapping[str, str], rules: GivenRules = None, *, effort: EffortName = "normal"
) -> United:
    """
    Unite departments' grids in one plan: what ``gridplan unite`` does, without writing a file.

    Parameters
    ----------
    source, rules, effort
        As of `make_plan`.
    layers
        ``FILE`` or ``FILE:LAYER`` by the department's name.

    Raises
    ------
    InputError
        If the source or a layer cannot be used.
    RulesError
        As `make_plan`.
    """
    from gridplan.uniting.read import parse_layer, read_departments
    from gridplan.uniting.unite import unite as united

    district = _district(source, (), False)
    departments = read_departments([parse_layer(f"{at}={name}") for name, at in layers.items()], district.crs)
    return united(district, _rules(district, rules), departments, effort=effort)


def _district(source: Source, accept: Collection[str], estimate: bool) -> District:
    return source if isinstance(source, District) else read_source(source, accept=accept, estimate=estimate)


def _rules(district: District, rules: GivenRules) -> Rules:
    if isinstance(rules, Rules):
        return rules
    own = rules_from(district.rules)
    if rules is None:
        return own
    return rules_from(rules, base=own) if isinstance(rules, Mapping) else read_rules(Path(rules), base=own)
