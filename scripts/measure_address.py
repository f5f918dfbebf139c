"""
Measure address matching beside stock methods in one run: accuracy, false matches, calibration, CPU time.

    python scripts/measure_address.py                       an invented city of 20,000 addresses, unseen seeds
    python scripts/measure_address.py --rows 200000         larger; --style south or rooms for other ways of writing
    python scripts/measure_address.py --data DIR            table.jsonl and queries.jsonl with known answers
    python scripts/measure_address.py --clerks              notes of hotline clerks, made apart from the calibration's
    python scripts/measure_address.py --scale 2000000       building, saving, opening and asking a large index
    python scripts/measure_address.py --weights             fit the weights of gridplan/address/evidence.py anew

The peers (extra ``bench``): rapidfuzz over all rows, SQLite FTS5 trigram and tantivy 1-2-grams, both with their best
50 put in order by rapidfuzz. Each is asked the raw text, and the text as gridplan normalises it. Times are CPU times
of this process, so that neighbours on the machine do not count.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from address_clerks import Clerks, with_real_names
from address_hostile import texts, worst
from address_peers import Answer, Ask, fts5, rapidfuzz_all, tantivy_grams

from gridplan.address.analysis import analyse
from gridplan.address.confidence import expected_error
from gridplan.address.evidence import FEATURES, features
from gridplan.address.limits import barred, tied
from gridplan.address.matcher import StandardMatcher
from gridplan.address.perturb import Perturber
from gridplan.address.rank import choices
from gridplan.address.table import read_addresses
from gridplan.address.text import fold, normalize
from gridplan.locator import Locator

BUDGET = 0.01


@dataclass(frozen=True)
class Question:
    """A query, the rows that are right (none for an unanswerable one), and whether one of them is meant."""

    query: str
    gold: frozenset[str]
    kind: str


@dataclass(frozen=True)
class Score:
    """What one method reached."""

    name: str
    top1: float
    grid: float
    covered: float
    accepted: float
    wrong: float
    false_match: float
    ambiguous: float
    error: float
    p50_ms: float
    p95_ms: float
    build_s: float


def invented(rows: int, seed: int, style: str) -> pd.DataFrame:
    """Return the table of an invented city."""
    path = Path(__file__).parents[1] / "tests" / "address" / "invented.py"
    spec = importlib.util.spec_from_file_location("invented", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["invented"] = module
    spec.loader.exec_module(module)
    table = module.table(rows, np.random.default_rng(seed), style)
    columns = ("address_id", "address", "grid_code")
    frame = pd.DataFrame({name: [getattr(each, name) for each in table] for name in columns})
    return frame.assign(aliases=[";".join(each.aliases) for each in table])


def held_out(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[str]]:
    """Take 3 % of the compounds out of a table, and return the rest and the names taken."""
    names = frame["address"].str.extract(r"号([\u4e00-\u9fff]{3,8})[A-Z]?\d*(?:号楼|栋|幢|座)?$")[0]
    every = np.array(sorted(names.dropna().unique()))
    gone = set(np.random.default_rng(seed).choice(every, max(1, len(every) * 3 // 100), replace=False).tolist())
    kept = ~names.isin(gone)
    return frame[kept].reset_index(drop=True), sorted(gone)


def questions(locator: Locator, gone: Sequence[str], seed: int, count: int) -> list[Question]:
    """Make queries of a seed that nothing was fitted to; the names taken out are the unanswerable ones."""
    matcher = _standard(locator)
    rng = np.random.default_rng(seed)
    made = [
        Question(sample.query, frozenset({matcher.index.ids[sample.row]} if sample.row >= 0 else ()), sample.expected)
        for sample in Perturber(matcher.index, matcher.gazetteer, rng).samples(count)
        if not sample.hidden
    ]
    unknown = [str(rng.choice(gone)) for _ in range(count // 10)]
    return made + [
        Question(f"{name}{rng.integers(1, 20)}号楼{rng.integers(1, 4)}单元", frozenset(), "none") for name in unknown
    ]


def labelled(folder: Path) -> tuple[pd.DataFrame, list[Question]]:
    """Read a table and queries with known answers."""
    frame = pd.read_json(folder / "table.jsonl", lines=True, dtype=False)
    frame = frame.rename(columns={"id": "address_id", "text": "address", "grid_id": "grid_code"})
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    return frame, [Question(each["query"], frozenset(each["gold"]), each["expect"]) for each in asked]


def _standard(locator: Locator) -> StandardMatcher:
    if not isinstance(locator.matcher, StandardMatcher):
        raise TypeError(locator.grammar)
    return locator.matcher


def ours(frame: pd.DataFrame) -> Ask:
    """Return gridplan's own matcher."""
    locator = Locator.from_table(frame, grammar="standard")

    def ask(query: str) -> Answer:
        found = locator.match(query)
        return found.address_id, found.confidence, found.accepted

    return ask


def score(name: str, ask: Ask, asked: Sequence[Question], grids: dict[str, str], build_s: float) -> Score:
    """Ask all questions and judge the answers; a stock method accepts at its best threshold for 1 % of errors."""
    answers, times = [], []
    for question in asked:
        begun = time.process_time()
        answers.append(ask(question.query))
        times.append(time.process_time() - begun)
    right = [
        answer[0] in question.gold and question.kind != "ambiguous"
        for question, answer in zip(asked, answers, strict=True)
    ]
    threshold = _threshold([answer[1] for answer in answers], right)
    taken = [answer[2] if name == "gridplan" else answer[1] >= threshold for answer in answers]
    unique = [k for k, question in enumerate(asked) if question.kind == "unique"]

    def share(kind: str, hits: Sequence[bool]) -> float:
        chosen = [hit for question, hit in zip(asked, hits, strict=True) if question.kind == kind]
        return sum(chosen) / len(chosen) if chosen else float("nan")

    gold = [{grids[each] for each in question.gold} for question in asked]
    in_grid = [grids.get(answer[0] or "") in wanted for answer, wanted in zip(answers, gold, strict=True)]
    sure = [answer[1] for answer in answers if answer[0]]
    known = [hit for answer, hit in zip(answers, right, strict=True) if answer[0]]
    covered = [hit and answer[1] >= threshold for hit, answer in zip(right, answers, strict=True)]
    return Score(
        name, share("unique", right), sum(in_grid[k] for k in unique) / len(unique), share("unique", covered),
        share("unique", [took and hit for took, hit in zip(taken, right, strict=True)]),
        share("unique", [took and not hit for took, hit in zip(taken, right, strict=True)]),
        share("none", taken), share("ambiguous", taken), expected_error(sure, known),
        1e3 * float(np.quantile(times, 0.5)), 1e3 * float(np.quantile(times, 0.95)), build_s,
    )  # fmt: skip


def _threshold(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Return the lowest confidence above which at most 1 % of answers are wrong."""
    order = np.argsort(-np.asarray(confidence), kind="stable")
    wrong = np.cumsum(~np.asarray(right)[order]) / np.arange(1, len(order) + 1)
    fit = np.flatnonzero(wrong <= BUDGET)
    return float(np.asarray(confidence)[order][fit[-1]]) if len(fit) else float("inf")


def as_table(scores: Sequence[Score]) -> str:
    """Return the scores as a table in Markdown."""
    heads = ("method", "top-1 %", "grid %", "coverage at 1 % errors", "accepted rightly %", "accepted wrongly %",
             "unanswerable accepted %", "ambiguous accepted %", "ECE", "p50 ms", "p95 ms", "build s")  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for each in scores:
        shares = (each.top1, each.grid, each.covered, each.accepted, each.wrong, each.false_match, each.ambiguous)
        cells = [each.name, *(f"{100 * share:.2f}" for share in shares), f"{each.error:.3f}"]
        cells += [f"{each.p50_ms:.2f}", f"{each.p95_ms:.2f}", f"{each.build_s:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def compare(frame: pd.DataFrame, asked: Sequence[Question], *, peers: bool) -> list[Score]:
    """Score gridplan and its peers on the same questions."""
    grids = dict(zip(frame["address_id"], frame["grid_code"], strict=True))
    methods: list[tuple[str, Callable[[], Ask]]] = [("gridplan", lambda: ours(frame))]
    made: tuple[tuple[str, Any], ...] = (
        ("rapidfuzz ratio", rapidfuzz_all), ("FTS5 trigram + ratio", fts5), ("tantivy + ratio", tantivy_grams)
    )  # fmt: skip
    for name, make in made if peers else ():
        methods.append((name, lambda make=make: make(frame, str)))  # type: ignore[misc]
        methods.append((name + ", normalised", lambda make=make: make(frame, fold)))  # type: ignore[misc]
    scores = []
    for name, begin in methods:
        begun = time.process_time()
        ask = begin()
        scores.append(score(name, ask, asked, grids, time.process_time() - begun))
        sys.stdout.write(as_table(scores[-1:]).splitlines()[-1] + "\n")
        sys.stdout.flush()
    return scores


def _make(path: Path, rows: int, style: str) -> None:
    """Write a table without 3 % of its compounds, and beside it their names."""
    frame, gone = held_out(invented(rows, 11, style), 11)
    frame.to_parquet(path)
    path.with_suffix(".json").write_text(json.dumps(gone), "utf-8")


def scale(rows: int, style: str) -> None:
    """Build, save, open and ask a large index; each step says its CPU seconds and the memory so far."""

    def say(what: str, begun: float) -> None:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{what}: {time.process_time() - begun:.2f} CPU s, peak {memory:.0f} MB\n")

    with tempfile.TemporaryDirectory() as folder:
        table, saved = Path(folder) / "table.parquet", Path(folder) / "table.idx"
        # In a process of its own, so that the memory for making a table is not counted.
        maker = multiprocessing.get_context("spawn").Process(target=_make, args=(table, rows, style))
        maker.start()
        maker.join()
        begun = time.process_time()
        locator = Locator.from_table(table)
        say(f"built from {rows} rows", begun)
        begun = time.process_time()
        locator.save(saved)
        say(f"saved {saved.stat().st_size / 1e6:.0f} MB", begun)
        begun = time.process_time()
        locator = Locator.open(saved)
        say("opened", begun)
        gone = json.loads(table.with_suffix(".json").read_text("utf-8"))
        asked = questions(locator, gone, 77, 5_000)
        grids = dict.fromkeys((each for question in asked for each in question.gold), "")
        frame_free: Ask = lambda query: ((found := locator.match(query)).address_id, found.confidence, found.accepted)  # noqa: E731
        slowest, text, count = worst(locator.match, texts(_standard(locator).index, np.random.default_rng(5)))
        sys.stdout.write(f"slowest of {count} hostile texts: {slowest:.1f} ms of CPU, {text!r}\n")
        sys.stdout.write(as_table([score("gridplan", frame_free, asked, grids, 0.0)]) + "\n")


def weights() -> None:
    """Fit the weights of the evidence on invented cities of several sizes and styles."""
    from sklearn.linear_model import LogisticRegression

    seen, right = [], []
    for style, rows, seed in (("north", 20_000, 3), ("south", 20_000, 4), ("rooms", 20_000, 5), ("north", 60_000, 6),
                              ("north", 8_000, 7), ("south", 100_000, 8), ("north", 250_000, 9)):  # fmt: skip
        frame = invented(rows, seed, style)
        frame = with_real_names(frame, seed) if seed % 2 else frame
        matcher = StandardMatcher.of(read_addresses(frame), samples=0)
        index, gazetteer = matcher.index, matcher.gazetteer
        for sample in Perturber(index, gazetteer, np.random.default_rng(seed + 50)).samples(5_000):
            found = analyse(normalize(sample.query).chars, gazetteer, index)
            ranked = choices(found, gazetteer, index, sample.hidden)
            if (
                ranked
                and not found.foreign
                and not barred(found, ranked[0], index, matcher.crowd.slips)
                and len(tied(ranked)) == 1
            ):
                seen.append(features(found, ranked, matcher.crowd))
                meant = sample.expected in {"unique", "compound"}
                right.append(meant and sample.row in {record[3] for record in ranked[0].records})
    fitted = LogisticRegression(max_iter=5_000, C=4.0).fit(np.array(seen), right)
    for name, value in zip(FEATURES, fitted.coef_[0], strict=True):
        sys.stdout.write(f"{name:12} {value:6.2f}\n")
    sys.stdout.write(f"{'bias':12} {fitted.intercept_[0]:6.2f} from {len(right)} queries\n")


def clerks(frame: pd.DataFrame, seed: int, count: int) -> None:
    """Score notes of clerks, in all and by what was done to them."""
    made = Clerks(frame, np.random.default_rng(seed)).notes(count)
    asked = [Question(note.query, note.gold, note.expected) for note in made]
    sys.stdout.write(as_table(compare(frame, asked, peers=False)) + "\n")
    locator = Locator.from_table(frame, grammar="standard")
    fate: dict[str, Counter[str]] = defaultdict(Counter)
    for note in made:
        found = locator.match(note.query)
        hit = "right" if found.address_id in note.gold else "wrong"
        fate[note.kind][f"{'accepted' if found.accepted else 'refused'} {hit}"] += 1
    for kind, counts in sorted(fate.items()):
        shares = ", ".join(f"{name} {100 * n / counts.total():.1f} %" for name, n in counts.most_common())
        sys.stdout.write(f"{kind} ({counts.total()}): {shares}\n")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--style", default="north", choices=("north", "south", "rooms"))
    parser.add_argument("--seed", type=int, default=1_001)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--clerks", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--scale", type=int)
    parser.add_argument("--weights", action="store_true")
    given = parser.parse_args()
    if given.weights:
        weights()
    elif given.scale:
        scale(given.scale, given.style)
    elif given.data:
        sys.stdout.write(as_table(compare(*labelled(given.data), peers=not given.no_peers)) + "\n")
    elif given.clerks:
        clerks(
            with_real_names(invented(given.rows, given.seed, given.style), given.seed), given.seed + 1, given.queries
        )
    else:
        frame, gone = held_out(invented(given.rows, given.seed, given.style), given.seed)
        asked = questions(Locator.from_table(frame), gone, given.seed + 1, given.queries)
        sys.stdout.write(as_table(compare(frame, asked, peers=not given.no_peers)) + "\n")


if __name__ == "__main__":
    main()
