"""
The partitioner: a contiguity graph with households in, regions inside the band out. It knows no files.

``problem`` (what is to be cut) -> ``solve`` -> ``result``; feasibility, starts, search and repair are modules of
their own.
"""
