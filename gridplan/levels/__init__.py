"""
Every level with one solver: communities, grids, micro-grids, building heads; and zones of whole towns.

`propose_communities` cuts communities, `plan_micro` grids; `tree_of` lays all levels into one tree whose areas and
codes nest; `build_zones` joins towns.
"""

from gridplan.levels.micro import plan_micro
from gridplan.levels.nesting import nesting_faults
from gridplan.levels.propose import Proposal, propose_communities
from gridplan.levels.tree import Tree, tree_of

__all__ = ["Proposal", "Tree", "nesting_faults", "plan_micro", "propose_communities", "tree_of"]
