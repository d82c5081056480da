"""Water: pure functions of (site, day, seed), in integers."""
