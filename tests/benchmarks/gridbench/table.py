"""The table of results as Markdown, and what it says of the peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridbench.runner import Row
from gridbench.verdict import Finding, rivals, verdict

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
    heads = ["method", "wall s", "CPU s", *(head for head, _, _ in COLUMNS), "failures"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 2) + "---|"]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    if row.failure:
        return f"| {row.method} |" + " |" * (len(COLUMNS) + 2) + f" {row.failure} |"
    cells = [form.format(row.measures[name]).replace("%", "") for _, name, form in COLUMNS]
    failed = f"{len(row.failures)} parts" if row.failures else ""
    return f"| {row.method} | {row.wall_s:.2f} | {row.cpu_s:.2f} | " + " | ".join(cells) + f" | {failed} |"


def sentences(rows: Sequence[Row]) -> str:
    """Return the verdict on one instance as a list; where gridplan falls short, the sentence is bold."""
    found = verdict(rows)
    if not found:
        return "No peer keeps band and contiguity as often as gridplan does."
    return "\n".join(f"- **{item.text}**" if item.short else f"- {item.text}" for item in found)


ALONE_HEADS = ("balance alone", "compactness alone")


def summary(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return one line for each instance: who keeps the rules, and in what gridplan falls short."""
    heads = ("instance", "peers that keep the rules", "better than the default", *ALONE_HEADS, "compounds")
    lines = ["| " + " | ".join(heads) + " |", "|---|---:|---|---|---|---|"]
    for name in names:
        mine = [row for row in rows if row.instance == name]
        found = verdict(mine)
        ahead = [item.text.partition(" is better")[0] for item in found if item.about == "peer" and item.short]
        marks = [_mark(found, about) for about in ("gridplan balance", "gridplan compact", "split")]
        lines.append(f"| {name} | {len(rivals(mine))} | {', '.join(ahead) or 'none'} | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def _mark(found: Sequence[Finding], about: str) -> str:
    shorts = [item.short for item in found if item.about == about]
    return "no rival" if not shorts else "a peer wins" if any(shorts) else "gridplan"


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
    sections = [_INTRODUCTION, _measured_on(machine, versions), _SUMMARY, summary(rows, list(abouts)), "## Settings"]
    sections.append(_settings(rows))
    for name, about in abouts.items():
        mine = [row for row in rows if row.instance == name]
        sections += [f"## {name}\n\n{about}.", table_of(mine), sentences(mine)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _measured_on(machine: Mapping[str, str], versions: Mapping[str, str]) -> str:
    where = "; ".join(f"{name} {value}" for name, value in machine.items())
    return f"Measured on: {where}.\n\nVersions: {', '.join(f'{name} {value}' for name, value in versions.items())}."


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

*Keep the rules*: break band or contiguity no more often than gridplan at its defaults, wherever arithmetic lets them.
*Better than the default*: such peers that are better in three of work CV, inertia, boundary off barriers and compounds
split, or in two at less than a tenth of the time. *Alone*: whose column is the lowest when gridplan's weights are set
for that one thing. *Compounds*: gridplan's default splits at most a fifth as many as the best such peer."""
