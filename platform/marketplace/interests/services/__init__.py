"""Writes of saved searches and their digests."""
