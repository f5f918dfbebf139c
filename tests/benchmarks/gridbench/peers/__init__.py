"""All methods, by name."""

from __future__ import annotations

from gridbench.method import Method
from gridbench.peers import clustering, districting, multilevel, ours, regions

METHODS: dict[str, Method] = {
    method.name: method for module in (ours, multilevel, districting, clustering, regions) for method in module.METHODS
}
