"""``gridplan sensitivity``: how far a plan depends on the weights of the work model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from gridplan.cli.guard import faults_said, rules_of
from gridplan.cli.options import (
    AcceptOption,
    Effort,
    EffortOption,
    EstimateOption,
    JobsOption,
    Lang,
    LangOption,
    RulesOption,
    SeedOption,
    SourceArgument,
)

HEAD = {
    "zh": "权重各加减 {share:g}%：归属改变的户占比（匹配后）、社区内工作量变异系数（原网格 / 重新划分）、\n"
    "最大与均值之比。首行 seed 只换随机种子，显示偶然的变动；权重均为本程序自定，并非标准。",
    "en": "Each weight up and down by {share:g} %: households that change grid (after matching), cv of work inside\n"
    "communities (grids kept / planned anew), largest by mean. The row seed changes the seed alone and shows what\n"
    "chance moves. The weights are ours and no standard.",
}


def sensitivity(
    source: SourceArgument,
    *,
    share: Annotated[
        float, typer.Option("--share", metavar="P", min=0.1, max=100.0, help="Per cent up and down.")
    ] = 20.0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="F.json", help="Also write all figures, by grid too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with every field.")] = False,
    rules_file: RulesOption = None,
    seed: SeedOption = None,
    jobs: JobsOption = None,
    effort: EffortOption = Effort.QUICK,
    accept: AcceptOption = None,
    estimate: EstimateOption = False,
    lang: LangOption = Lang.EN,
) -> None:
    """
    Plan a source again with each weight of the work model raised and lowered, and compare the grids.

    About two plans for each weight that has effect are made. Exit 0 done, 2 bad input: then nothing is written.
    """
    import json

    with faults_said(lang.value):
        from gridplan.cli.progress import bar
        from gridplan.sources import read_source
        from gridplan.workload_sensitivity import scenario_lines
        from gridplan.workload_sensitivity import sensitivity as measured

        district = read_source(source, accept=accept or [], estimate=estimate)
        rules = rules_of(district, rules_file, seed)
        options: dict[str, Any] = {"jobs": jobs or os.cpu_count() or 1, "effort": effort.value}
        with bar(1, lang.value) as progress:
            found = measured(district, rules, share=share / 100.0, progress=progress, **options)
        text = json.dumps(found.to_dict(), ensure_ascii=False, indent=2)
        if output is not None:
            _write(output, text)
    if as_json:
        typer.echo(text)
        return
    typer.echo(HEAD[lang.value].format(share=share))
    typer.echo("\n".join(scenario_lines(found)))
    if found.without_effect:
        label = "在此无作用的权重：" if lang.value == "zh" else "without effect here: "
        typer.echo(label + ", ".join(found.without_effect))


def _write(output: Path, text: str) -> None:
    """Write a text under another name first, so that no reader sees half of it."""
    draft = output.with_name(f".{output.name}.draft")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(output)
