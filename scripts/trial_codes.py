"""
Revise again and again, and look for a code that comes back: ``python scripts/trial_codes.py [REVISIONS] [SEED]``.

Each revision knows nothing but the last plan's layer of grids, as a planner who keeps the last file alone. Prints the
generations, the codes that were retired and the seconds of a processor; ends with 1 where a code came back.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gridplan" / "revising"))

from generations import Chain


def main() -> None:
    """Revise, and say what was found."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chain, begin = Chain(np.random.default_rng(seed)), time.process_time()
    for _ in range(wanted):
        chain.revise()
        if chain.again:
            sys.exit(f"revision {chain.generations}: retired codes that came back: {sorted(chain.again)}")
        if chain.generations % 100 == 0:
            sys.stderr.write(f"{chain.generations} revisions, {len(chain.retired)} codes retired\n")
    seconds = time.process_time() - begin
    last = max(chain.plan.grids["last_code"])
    print(f"{chain.generations} revisions, {len(chain.retired)} codes retired, last {last}, {seconds:.0f} CPU s")  # noqa: T201


if __name__ == "__main__":
    main()
