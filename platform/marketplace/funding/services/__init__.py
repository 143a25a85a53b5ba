"""The rules of funding."""
