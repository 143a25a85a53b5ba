"""Every write to agreements, one file per family of verbs."""
