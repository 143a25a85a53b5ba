"""The pages of the table of names."""
