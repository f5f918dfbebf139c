"""Grids coloured by any measure, on a page that opens without a network: for notebooks and for mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps.diff_map import communities_of
from maps.offline import page_words
from maps.payload import MapInputError, PlanFrames, dump, plan_payload
from maps.plan_map import check_language, figure
from maps.scales import EMPTY, Scale, Step

if TYPE_CHECKING:
    from gridplan.plan import Plan

Method = Literal["quantile", "equal"]
# One hue from light to dark keeps its order for all common kinds of colour blindness.
BLUES = ("#edf3fa", "#c7dbee", "#93b9dc", "#5a8fc4", "#2b5f9c")
_KEY = "measure"


@dataclass(frozen=True)
class Measure:
    """
    What grids are coloured by.

    Parameters
    ----------
    by_code
        Numbers by grid code; a grid without one, or with NaN, has no colour.
    zh, en
        Name of the measure.
    percent
        Whether the values are shares 0..1, to be shown in per cent.
    """

    by_code: pd.Series[Any]
    zh: str
    en: str
    percent: bool = False


def choropleth_page(
    plan: Plan, measure: Measure, *, title: str | None = None, method: Method = "quantile", lang: str = "zh"
) -> str:
    """
    Return the map of a plan, coloured by a measure, as the text of one HTML file that loads nothing from a network.

    Parameters
    ----------
    plan
        The plan.
    measure
        What grids are coloured by.
    title
        Title of the page; the plan's name where None.
    method
        ``quantile`` (each class holds about as many grids) or ``equal`` (each class spans as much).
    lang
        Language in which the page opens, ``zh`` or ``en``.

    Raises
    ------
    MapInputError
        If no grid of the plan has a value, or the plan cannot be drawn.
    RulesError
        If ``lang`` is neither.

    Examples
    --------
    >>> per_100 = Measure(100 * counts / plan.grids.set_index("grid_code")["households"], "每百户", "Per 100")
    ... # doctest: +SKIP
    >>> page = choropleth_page(plan, per_100)  # doctest: +SKIP
    """
    check_language(lang)
    payload = measured_payload(plan, measure, method)
    payload.update(title=title or plan.name or str(plan.report.get("source", "")), lang=lang)
    return figure(payload["bounds"], lang).page(payload["title"], dump(payload))


def measured_payload(plan: Plan, measure: Measure, method: Method) -> dict[str, Any]:
    """
    Return the data of a plan's page, coloured by a measure first.

    Parameters
    ----------
    plan, measure, method
        As for `choropleth_page`.
    """
    frames = PlanFrames(plan.grids, plan.units, plan.violations, None, communities_of(plan))
    payload = plan_payload(frames, plan.report)
    values = measure.by_code.reindex(plan.grids["grid_code"]).to_numpy(dtype=np.float64)
    scale = classes(values * (100 if measure.percent else 1), method)
    own = {_KEY: {"steps": scale.to_dict(), "stepOf": list(scale.step_of)}}
    words = page_words()
    unit = " (%)" if measure.percent else ""
    words["ui"][_KEY] = [measure.zh + unit, measure.en + unit]
    return {**payload, "scales": own | payload["scales"], "words": words, "selected": None}


def classes(values: NDArray[np.float64], method: Method) -> Scale:
    """
    Return up to five classes of numbers and the class of each.

    Parameters
    ----------
    values
        Shape (n,); NaN for no value.
    method
        As for `choropleth_page`.

    Raises
    ------
    MapInputError
        If there is no value at all.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        raise MapInputError("expected values by the codes of the plan's grids; found none of them")
    edges = _edges(known, method)
    last = len(edges) - 2
    step_of = np.where(np.isfinite(values), np.clip(np.searchsorted(edges, values, "right") - 1, 0, last), last + 1)
    counts = np.bincount(step_of.astype(np.int64), minlength=last + 2)
    colours = [BLUES[round(place)] for place in np.linspace(0, len(BLUES) - 1, last + 1)] if last else [BLUES[2]]
    steps = [
        Step("work", colour, _short(edges[place]), _short(edges[place + 1]), int(counts[place]))
        for place, colour in enumerate(colours)
    ]
    steps.append(Step("empty", EMPTY, None, None, int(counts[-1])))
    return Scale(tuple(steps), tuple(int(each) for each in step_of))


def _edges(known: NDArray[np.float64], method: Method) -> NDArray[np.float64]:
    """Return rising edges of at most five classes: the low end of each, and the highest value."""
    n = len(BLUES)
    if method == "equal":
        edges = np.linspace(known.min(), known.max(), n + 1)
    else:
        edges = np.append(np.quantile(known, np.linspace(0, 1, n + 1)[:-1], method="lower"), known.max())
    edges = np.unique(edges)
    return edges if len(edges) > 1 else np.repeat(edges, 2)


def _short(value: float) -> float:
    """Return a number with three digits that count."""
    return float(f"{value:.3g}") if abs(value) < 1000 else float(round(value))
