"""Cut a city's communities into service grids (网格) and keep them: plan, publish, look up, count."""

__version__ = "0.1.0"
