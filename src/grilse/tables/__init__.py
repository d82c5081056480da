"""What is written: a schema object a table, the arithmetic of keys, the content fingerprint."""
