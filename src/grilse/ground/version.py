"""The version of Grilse: part of what a dataset is a function of."""

__all__ = ["__version__"]

__version__ = "0.1.0"
