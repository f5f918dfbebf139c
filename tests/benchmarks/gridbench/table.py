"""The table of results as Markdown, and what it says of the peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridbench.runner import Row
from gridbench.verdict import DEFAULT, RULES, Finding, rivals, row_of, verdict
from gridbench.wins import wins

# Heading, field of the measures, format; lower is better but where said.
COLUMNS = (
    ("grids", "grids", "{:d}"),
    ("in band %", "in_band", "{:.1%}"),
    ("connected %", "connected", "{:.1%}"),
    ("breaks", "broken", "{:d}"),
    ("hh CV", "household_cv", "{:.3f}"),
    ("work CV", "work_cv", "{:.3f}"),
    ("work CV in part", "work_cv_within", "{:.3f}"),
    ("inertia m²", "inertia", "{:,.0f}"),
    ("PP mean", "pp_mean", "{:.3f}"),
    ("PP min", "pp_min", "{:.3f}"),
    ("off barriers km", "off_km", "{:.2f}"),
    ("split", "compounds_split", "{:d}"),
)


def table_of(rows: Sequence[Row]) -> str:
    """Return the rows of one instance as a Markdown table."""
    heads = ["method", "wall s", "CPU s", "time / ours", *(head for head, _, _ in COLUMNS), "failures"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 2) + "---|"]
    ours = row_of(rows, DEFAULT)
    return "\n".join([*lines, *(_line(row, ours) for row in rows)])


def _line(row: Row, ours: Row | None) -> str:
    if row.failure:
        return f"| {row.method} |" + " |" * (len(COLUMNS) + 3) + f" {row.failure} |"
    ratio = f"{row.cpu_s / ours.cpu_s:.3g}" if ours is not None and ours.cpu_s else "–"
    cells = [form.format(row.measures[name]).replace("%", "") for _, name, form in COLUMNS]
    failed = f"{len(row.failures)} parts" if row.failures else ""
    return f"| {row.method} | {row.wall_s:.2f} | {row.cpu_s:.2f} | {ratio} | " + " | ".join(cells) + f" | {failed} |"


def sentences(rows: Sequence[Row]) -> str:
    """Return the verdict on one instance as a list; where gridplan falls short, the sentence is bold."""
    told = dict.fromkeys((item.text, item.short) for item in verdict(rows) if item.text)
    lines = [f"- **{text}**" if short else f"- {text}" for text, short in told]
    if not rivals(rows):
        lines.append("- No peer keeps band and contiguity as often as gridplan does.")
    return "\n".join(lines)


def summary(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return one line for each instance: how many peers keep the rules, and which of our rules hold."""
    heads = ("instance", "peers that keep the rules", *(str(number) for number in range(1, len(RULES) + 1)))
    lines = ["| " + " | ".join(heads) + " |", "|---|---:|" + "---|" * len(RULES)]
    for name in names:
        mine = [row for row in rows if row.instance == name]
        found = verdict(mine)
        lines.append(f"| {name} | {len(rivals(mine))} | " + " | ".join(_mark(found, rule) for rule in RULES) + " |")
    meaning = [f"{number}. {text}" for number, text in enumerate(RULES.values(), 1)]
    return "\n".join([*meaning, "", *lines])


def _mark(found: Sequence[Finding], rule: str) -> str:
    mine = [item for item in found if item.rule == rule]
    short = [item.text.partition(" is better")[0] for item in mine if item.short]
    if not mine:
        return "no rival" if found else "–"
    return ("**no**: " + ", ".join(short) if rule in {"three", "two"} else "**no**") if short else "yes"


def document(
    rows: Sequence[Row], abouts: Mapping[str, str], machine: Mapping[str, str], versions: Mapping[str, str]
) -> str:
    """
    Return the whole page.

    Parameters
    ----------
    rows
        All rows, by instance.
    abouts
        What each instance is, by name, in the order of the page.
    machine, versions
        Where and with what it was measured.
    """
    sections = [_INTRODUCTION, _measured_on(machine, versions), _SUMMARY, summary(rows, list(abouts))]
    sections += [
        "## Where a peer still wins",
        _WINS,
        wins(rows, list(abouts)),
        "## What did not finish",
        _unfinished(rows),
    ]
    sections += ["## Settings", _settings(rows)]
    for name, about in abouts.items():
        mine = [row for row in rows if row.instance == name]
        sections += [f"## {name}\n\n{about}.", table_of(mine), sentences(mine)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _measured_on(machine: Mapping[str, str], versions: Mapping[str, str]) -> str:
    where = "; ".join(f"{name} {value}" for name, value in machine.items())
    return f"Measured on: {where}.\n\nVersions: {', '.join(f'{name} {value}' for name, value in versions.items())}."


def _unfinished(rows: Sequence[Row]) -> str:
    """Return each method that has no labels on some instance, by reason."""
    lines = [f"| {row.method} | {row.instance} | {row.failure} |" for row in rows if row.failure]
    return "\n".join(["| method | instance | why |", "|---|---|---|", *lines]) if lines else "Everything did."


def _settings(rows: Sequence[Row]) -> str:
    settings = {row.method: row.setting for row in rows if row.setting}
    lines = [f"| {name} | {setting} |" for name, setting in settings.items()]
    return "\n".join(["| method | setting |", "|---|---|", *lines])


_INTRODUCTION = """# Benchmark against the peers

Written by `make bench`; change nothing here by hand. Every method gets the same contiguity graph, the same band
(300 to 500 households, target 400) and one connected part at a time, with the number of grids set to the part's
households by 400, rounded; gridplan gets the graph and the band, finds parts and chooses the number itself. Each runs
in a process of its own on one thread, after a warm-up on 36 units; seconds are those of its own calls, without reading,
converting or measuring. All measures come from the labels and the instance alone.

- *in band*, *connected*: shares of all grids. *breaks*: grids out of the band or in pieces in parts whose households
  fit some whole number of grids, none of whose units exceeds the maximum. A part that failed counts as one grid.
- *hh CV*, *work CV*: standard deviation by mean over all grids; *in part*: by the deviation from the part's own mean.
- *inertia*: mean squared distance of a household to its grid's centre. *PP*: Polsby-Popper, 1 for a disc, from areas
  and from the lengths of shared borders and of the community's rim (the same as from polygons).
- *off barriers*: boundary between grids along no street, water or wall. *split*: compounds of at most 500 households in
  more grids than needed."""

_SUMMARY = """## Summary

*Peers that keep the rules* break band or contiguity no more often than gridplan at its defaults, wherever arithmetic
lets them, and failed on no part. The rules that gridplan is held to, against those peers; the four columns are work CV,
inertia, boundary off barriers and compounds split:"""

_WINS = """Every column in which a peer that keeps the rules is better than gridplan's default, with the best such peer.
What a peer wins in one column it pays for in others: the tables below have all."""
