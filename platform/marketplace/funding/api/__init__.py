"""Funding over HTTP."""
