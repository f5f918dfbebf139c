"""
Incidents: what happens in a grid, brought to it, followed to its end, counted, and fed back into the work of plans.

The library's half knows no database; ``gridplan.incidents.store`` keeps incidents beside the plans.
"""
