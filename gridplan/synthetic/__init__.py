"""
Districts and cities to try gridplan on: synthetic ones from a seed, and one with real footprints.

Everything here says of itself that it is synthetic, or an estimate.
"""

from __future__ import annotations

from gridplan.synthetic.bubenec import bubenec as write_bubenec
from gridplan.synthetic.district import SyntheticDistrict, make_city, make_district
from gridplan.synthetic.townships import write_towns
from gridplan.synthetic.write import write_district
from gridplan.synthetic.yudu import yudu as write_yudu

__all__ = [
    "SyntheticDistrict",
    "make_city",
    "make_district",
    "write_bubenec",
    "write_district",
    "write_towns",
    "write_yudu",
]
