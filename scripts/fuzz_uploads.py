"""
Send thousands of broken files to a service that reads files of callers, and say what became of it.

    python scripts/fuzz_uploads.py --files 5000 --seed 1

Each file is a good one of some format, broken at random (`tests/api/broken.py`). The service must answer each with
200, 400 or 413, keep nothing on the disk, and not grow. Prints one row for docs/service.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.util import get_temp_dir
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Send files; return 1 where an answer is none of those allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        get_temp_dir()  # that of this process itself lies elsewhere
        tempfile.tempdir = folder
        answers, strange, grown_mb, left = send(asked.files, asked.seed, Path(folder))
    for each in strange:
        sys.stderr.write(each + "\n")
    counts = ", ".join(f"{count} of {status}" for status, count in sorted(answers.items()))
    sys.stdout.write(f"| {asked.files:,} | {asked.seed} | {counts} | {len(strange)} | {grown_mb:+.0f} MB | {left} |\n")
    return int(bool(strange))


def send(count: int, seed: int, folder: Path) -> tuple[Counter[int], list[str], float, int]:
    """Return the answers by status, the files with strange ones, megabytes grown since the 100th, files left behind."""
    # Each process that reads a file runs the top of this script again, so what is heavy is imported here.
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
    answers: Counter[int] = Counter()
    strange: list[str] = []
    early = 0.0
    files = itertools.islice(broken(np.random.default_rng(seed), whole()), count)
    with TestClient(app, raise_server_exceptions=False) as client:
        for number, (name, data) in enumerate(files):
            begun = time.monotonic()
            status = client.post("/probe", content=data).status_code
            answers[status] += 1
            if status not in {200, 400, 413} or time.monotonic() - begun > 60:
                strange.append(f"{number}: {name}: {status}")
            if number == min(100, count - 1):
                early = resident_mb()
        grown = resident_mb() - early
        left = len(list(folder.glob("gridplan-*")))
    return answers, strange, grown, left


def resident_mb() -> float:
    """Return the memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
