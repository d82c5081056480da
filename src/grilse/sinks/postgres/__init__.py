"""PostgreSQL: tables made from the table objects, batches by binary COPY, a ledger, keys after."""
