"""
The command line: the composition root, which alone wires the library, the maps and the service together.

Each command is a module of its own with one function; heavy imports live inside the functions, so that
``gridplan --help`` answers at once.
"""

from __future__ import annotations

import os

import typer

from gridplan import __version__
from gridplan.cli import (
    audit,
    check,
    db,
    demo,
    diff,
    edit,
    export,
    incidents,
    keys,
    levels,
    locate,
    plan,
    plans,
    publish,
    report,
    revise,
    select,
    sensitivity,
    serve,
    stats,
    unite,
    zones,
)
from gridplan.cli.chinese import settle_language, speak_chinese

app = typer.Typer(
    name="gridplan",
    help="Cut a district's communities into service grids (网格) and keep them. "
    "Start with: gridplan demo; then: gridplan check SOURCE; gridplan plan SOURCE -o PLAN.gpkg --map MAP.html",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"gridplan {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Cut a district's communities into service grids (网格) and keep them."""


app.command("check")(check.check)
app.command("plan")(plan.plan)
app.command("revise")(revise.revise)
app.command("unite")(unite.unite)
app.command("levels")(levels.levels)
app.command("zones")(zones.zones)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("locate")(locate.locate)
app.command("publish")(publish.publish)
app.add_typer(plans.plans)
app.add_typer(db.db)
app.command("serve")(serve.serve)
app.add_typer(keys.keys)
app.add_typer(audit.audit)
app.command("edit")(edit.edit)
app.command("diff")(diff.diff)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("select")(select.select)
app.command("contacts")(select.contacts)
app.add_typer(incidents.incidents)
app.command("stats")(stats.stats)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command line; exit codes are 0 done, 1 done with violations under --strict, 2 bad input or usage."""
    command = typer.main.get_command(app)
    if settle_language(os.environ) == "zh":
        speak_chinese(command)
    command()
