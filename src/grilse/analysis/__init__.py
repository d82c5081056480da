"""Growth analysis: what the observations of a batch tell of its fish, day by day.

It looks at rows alone, as a farm's own system would: it knows nothing of what made them, and never
reads the truth that it is judged by.
"""
