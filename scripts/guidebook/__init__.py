"""The guides as programs: what stands in them is read, run from top to bottom, and pictured."""
