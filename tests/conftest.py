"""What all tests share: hypothesis draws the same examples every time, with no clock over it."""

from hypothesis import settings

settings.register_profile("grilse", deadline=None, derandomize=True)
settings.load_profile("grilse")
