"""The ground floor: errors, days, intervals and named draws. It imports nothing of Grilse."""
