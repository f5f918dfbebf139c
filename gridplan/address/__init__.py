"""Addresses as people write them, matched to the rows of the user's own table; no network, no foreign gazetteer."""
