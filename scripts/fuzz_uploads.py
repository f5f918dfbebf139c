"""
Send thousands of broken files to a service that reads files of callers, and say what became of it.

    python scripts/fuzz_uploads.py --files 5000 --seed 1

Each file is a good one of some format, broken at random (`tests/api/broken.py`). The service must answer each with
200, 400 or 413, keep nothing on the disk, and not grow. Prints one row for docs/service.md: files, seed, answers,
those that are strange, seconds of the slowest, folders left, megabytes that the service grew, megabytes of the largest
process that read, seconds of CPU of all, seconds.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Seconds after which an answer counts as strange, and files after which memory is compared.
LATE_S = 60
EARLY = 100
TELL_EACH = 500


@dataclass
class Course:
    """What became of the files."""

    answers: Counter[int] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    early_mb: float = 0.0
    late_mb: float = 0.0
    left: int = 0


def main() -> int:
    """Send files; return 1 where an answer is none of those allowed, or a file was left behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        course = send(asked.files, asked.seed, Path(folder))
    for each in course.strange:
        sys.stderr.write(each + "\n")
    sys.stdout.write(row(course, asked.seed, time.monotonic() - begun))
    return int(bool(course.strange or course.left))


def row(course: Course, seed: int, wall_s: float) -> str:
    """Return the row of the table in docs/service.md."""
    counts = ", ".join(f"{count:,} of {status}" for status, count in sorted(course.answers.items()))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(each.ru_utime + each.ru_stime for each in used)
    cells = [
        f"{course.answers.total():,}", seed, counts, len(course.strange), f"{course.slowest_s:.1f}", course.left,
        f"{course.late_mb - course.early_mb:+.0f}", f"{used[1].ru_maxrss / 1e3:.0f}", f"{cpu_s:,.0f}", f"{wall_s:,.0f}",
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |\n"


def send(count: int, seed: int, folder: Path) -> Course:
    """Send files one after the other, and look at each answer, the memory of the service, and its folder."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "api")]
    import numpy as np
    from broken import broken, whole
    from fastapi import Request
    from fastapi.testclient import TestClient

    from api.app import create_app
    from api.settings import Settings
    from api.uploads import table_of

    app = create_app(Settings(database_url=f"sqlite:///{folder}/a.sqlite", upload_seconds=10))

    async def probe(request: Request) -> int:
        return len(await table_of(request))

    probe.__annotations__["request"] = Request
    app.post("/probe", response_model=None)(probe)
    course = Course()
    files = itertools.islice(broken(np.random.default_rng(seed), whole()), count)
    with TestClient(app, raise_server_exceptions=False) as client:
        for number, (name, data) in enumerate(files):
            begun = time.monotonic()
            status = client.post("/probe", content=data).status_code
            took_s = time.monotonic() - begun
            course.answers[status] += 1
            course.slowest_s = max(course.slowest_s, took_s)
            if status not in {200, 400, 413} or took_s > LATE_S:
                course.strange.append(f"{number}: {name}: {status} after {took_s:.1f} s")
            if number == min(EARLY, count - 1):
                course.early_mb = resident_mb()
            if number % TELL_EACH == TELL_EACH - 1:
                sys.stderr.write(f"{number + 1:,} files\n")
        course.late_mb = resident_mb()
        course.left = len(list(folder.glob("gridplan-*")))
    return course


def resident_mb() -> float:
    """Return the memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
