"""A dataset on disk: segments, manifest and records, lock, destination, views. It knows no fish."""
