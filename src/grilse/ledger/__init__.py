"""The feed ledger: a store's orders, lots and levels from what all batches on it draw."""
