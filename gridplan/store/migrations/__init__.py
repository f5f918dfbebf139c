"""Migrations of the store's schema, run by ``gridplan db migrate``; they stay as they were when they were released."""
