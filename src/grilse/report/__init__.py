"""The report: what a schedule plans and what a dataset holds, as one page that opens from disk.

It reads a dataset by its views and the plan by its schedule, and knows nothing of what made the
rows. Figures are gathered here, week by week; the page draws them, with code of its own.
"""
