"""Two datasets, or two schedules, held against each other: what differs, where, and by how much."""
