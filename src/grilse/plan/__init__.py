"""The planning room: which batch holds which containers when, before any row is made."""
