"""Another application's tables as ours: what they hold, asked in SQL that is data."""
