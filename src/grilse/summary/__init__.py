"""A dataset in a page: what it holds, and what came of the fish."""
