"""The benchmark: gridplan's solver and its peers on the same graphs, measured from their labels alone."""
