"""Makers of small revisions and their exact solution, put on the path so that the tests beside can import them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
