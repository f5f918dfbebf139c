"""Deliverables for approval and posting: ledger, forms, bounds in words, change list, vector files."""

from gridplan.exports.changes import changed_buildings
from gridplan.exports.dossier import Dossier
from gridplan.exports.everything import export_all
from gridplan.exports.sides import sides_of

__all__ = ["Dossier", "changed_buildings", "export_all", "sides_of"]
