"""Exposure over HTTP."""
