"""The command ``gridplan demo``: write the bundled districts, plan them, say where the results are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_SEED = 1


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for sources, plans and maps.")] = Path("demo"),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the synthetic district.")] = DEFAULT_SEED,
    households: Annotated[
        int | None, typer.Option("--households", min=10_000, help="Households: 45000, or 1000000 with --city.")
    ] = None,
    city: Annotated[bool, typer.Option("--city", help="Make a synthetic city instead of the two districts.")] = False,
) -> None:
    """Write the bundled districts (a synthetic Chinese one and Bubeneč), plan them and print where the maps are."""
    from gridplan.cli.plan import run_plan

    sources = [_city(out, seed, households)] if city else [_district(out, seed, households), _bubenec(out)]
    for source in sources:
        plan, page = out / f"{source.stem}-plan.gpkg", out / f"{source.stem}-map.html"
        typer.echo(f"source: {source}")
        run_plan(source, plan, page)


def _district(out: Path, seed: int, households: int | None) -> Path:
    from gridplan.shortcuts import example

    typer.echo("Synthetic district: every place, count and incident in it is generated. 合成示例，非真实数据。")
    source = example("district", out, households=households or 45_000, seed=seed)
    _as_sent(source, out)
    return source


def _as_sent(source: Path, out: Path) -> None:
    """Write the same district as offices send it, to try ``check`` and ``incidents import`` on."""
    from gridplan.synthetic.office import write_office, write_register

    folder = write_office(source, out / "office")
    register = write_register(source, out / f"{source.stem}-incidents.csv")
    typer.echo(f"as an office sends it, with slips: {folder}\nincidents of a year: {register}")


def _city(out: Path, seed: int, households: int | None) -> Path:
    import numpy as np

    from gridplan.synthetic import make_city, write_district

    typer.echo("Synthetic city: every place and count in it is generated. 合成示例，非真实数据。")
    return write_district(make_city(np.random.default_rng(seed), households or 1_000_000), out / "synthetic-city.gpkg")


def _bubenec(out: Path) -> Path:
    from gridplan.shortcuts import example

    typer.echo("Bubeneč: real footprints and streets; its households are estimates from floor area. 户数为估算。")
    return example("bubenec", out)
