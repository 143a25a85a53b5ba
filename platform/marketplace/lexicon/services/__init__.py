"""Changing the table of names."""
