"""Running: segments over processes, progress, and what came of it. It executes what it is given."""
