"""Policies of planning, one file each, named for what they are."""
