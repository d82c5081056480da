"""Benchmarks: each figure with its reach and a check of its answer: ``python -m benchmarks``."""
