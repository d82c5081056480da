"""Biology: pure array functions, and their parameters as data; no dates, no random numbers."""
