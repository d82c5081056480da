"""Pictures of a dataset, drawn from its rows alone: a batch, an area, a container, a feed store."""
