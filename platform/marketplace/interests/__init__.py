"""Saved searches: what somebody asked to be told of, and the digests that tell it."""
