"""The oracle: every law and key of a dataset, checked on its rows alone.

It shares no code with what made the rows. It reads the files, the records, and the copies of
schedule and parameters that are kept beside them, and finds the facts it needs by itself.
"""
