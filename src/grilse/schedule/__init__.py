"""The contract between planning and simulation: who is where, from when to when."""
