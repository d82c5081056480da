"""One batch, simulated alone: small arrays of state, day by container, recomputed wherever needed."""
