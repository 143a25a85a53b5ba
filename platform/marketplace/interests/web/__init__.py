"""Pages of saved searches."""
