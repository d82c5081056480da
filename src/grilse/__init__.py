"""Grilse makes the operating history of salmon farms: planned to the last tank, always the same."""

__all__ = ["__version__"]

__version__ = "0.1.0"
