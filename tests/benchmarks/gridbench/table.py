"""The table of results as Markdown, and what it says of the peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridbench.runner import Row

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
# The four columns in which no peer that keeps band and contiguity may be better in three.
JUDGED = {
    "work CV": "work_cv",
    "inertia": "inertia",
    "boundary off barriers": "off_km",
    "compounds split": "compounds_split",
}
DEFAULT, OURS = "gridplan normal", "gridplan"


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


def rivals(rows: Sequence[Row], ours: Row) -> list[Row]:
    """Return the peers that keep band and contiguity at least as often as we do, wherever arithmetic lets them."""
    return [
        row
        for row in rows
        if not row.method.startswith(OURS)
        and not row.failure
        and not row.failures
        and row.measures["broken"] <= ours.measures["broken"]
    ]


def verdict(rows: Sequence[Row]) -> list[str]:
    """
    Return what the rows of one instance say of the peers that keep band and contiguity, a sentence each.

    Parameters
    ----------
    rows
        All rows of one instance.
    """
    by_name = {row.method: row for row in rows if not row.failure}
    if DEFAULT not in by_name:
        return []
    ours = by_name[DEFAULT]
    peers = rivals(rows, ours)
    if not peers:
        return ["No peer keeps band and contiguity as often as gridplan does."]
    lines = [_against(row, ours) for row in peers]
    for name, column, what in (
        ("gridplan balance", "work_cv", "work CV"),
        ("gridplan compact", "inertia", "inertia"),
    ):
        if name in by_name:
            lines.append(_alone(by_name[name], peers, column, what))
    return [*lines, _split(ours, peers)]


def better_columns(peer: Row, ours: Row) -> list[str]:
    """Return the judged columns in which a peer is better."""
    return [what for what, name in JUDGED.items() if peer.measures[name] < ours.measures[name]]


def _against(peer: Row, ours: Row) -> str:
    better = better_columns(peer, ours)
    fast = len(better) >= 2 and peer.cpu_s < ours.cpu_s / 10.0
    failed = " — **too many**" if len(better) >= 3 or fast else ""
    return f"{peer.method} is better in {', '.join(better) if better else 'none of the four columns'}{failed}."


def _alone(ours: Row, peers: Sequence[Row], column: str, what: str) -> str:
    best = min(peers, key=lambda row: float(row.measures[column]))
    values = f"{ours.measures[column]:.4g} against {best.measures[column]:.4g} of {best.method}"
    won = ours.measures[column] <= best.measures[column]
    return f"Weights for {what} alone: {values}{'' if won else ' — **the peer wins**'}."


def _split(ours: Row, peers: Sequence[Row]) -> str:
    best = min(peers, key=lambda row: int(row.measures["compounds_split"]))
    mine, theirs = ours.measures["compounds_split"], best.measures["compounds_split"]
    met = "" if mine <= theirs / 5.0 else " — **more than a fifth**"
    return f"Compounds split: {mine} of {ours.measures['compounds']}, the best peer {theirs} ({best.method}){met}."


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
    sections = [_INTRODUCTION, _measured_on(machine, versions), _settings(rows)]
    for name, about in abouts.items():
        mine = [row for row in rows if row.instance == name]
        sections += [f"## {name}\n\n{about}.", table_of(mine), "\n".join(f"- {line}" for line in verdict(mine))]
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
