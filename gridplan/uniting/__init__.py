"""One net from many (多网合一): departments' layers of grids reconciled, united in one plan, and followed."""
