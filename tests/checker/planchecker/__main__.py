"""Check a plan from the command line: ``python -m planchecker SOURCE PLAN [MINIMUM MAXIMUM]``."""

import sys
from pathlib import Path

from planchecker import check_plan

source, plan, *band = sys.argv[1:]
minimum, maximum = map(int, band) if band else (300, 500)
faults = check_plan(Path(source), Path(plan), minimum=minimum, maximum=maximum)
sys.stdout.writelines(f"{fault}\n" for fault in faults)
sys.exit(bool(faults))
