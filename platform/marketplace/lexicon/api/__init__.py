"""The table of names over HTTP."""
