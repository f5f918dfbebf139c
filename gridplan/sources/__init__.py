"""
The only reader of foreign files: a source in, a settled :class:`~gridplan.district.District` or all its faults out.

``check_source`` reports, ``read_source`` raises, ``write_source`` writes a district in the contract's own shape.
"""

from gridplan.sources.read import check_source, read_source
from gridplan.sources.report import Report
from gridplan.sources.write import write_source

__all__ = ["Report", "check_source", "read_source", "write_source"]
