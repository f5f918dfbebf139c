"""Edits of a plan: what may be changed, what each change does, how it is taken back; no files, no maps."""
