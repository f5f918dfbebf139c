"""Grids, units and incidents as map programs take them: OGC API Features (Parts 1 and 2) and vector tiles."""
