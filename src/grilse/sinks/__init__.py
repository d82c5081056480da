"""Sinks take Arrow chunks and keep them, each in its own way. None knows a fish."""
