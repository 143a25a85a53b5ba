"""Pages of funding."""
