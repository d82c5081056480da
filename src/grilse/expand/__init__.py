"""State becomes rows: one file a family of tables, each a stateless function of a batch's state."""
