"""Another system's record of fish groups, as a schedule; a dataset, as such a record."""
