"""What is written: one schema object a table, the arithmetic of keys, and the content fingerprint."""
