"""The table of names by which matching crosses languages: open to all, kept by administrators."""
