"""Today's grids and new households in, revised grids out: what still fits stays, as few households as can be move."""
