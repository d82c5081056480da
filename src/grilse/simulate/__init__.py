"""One batch, simulated alone: small arrays of state, recomputed wherever they are needed."""
