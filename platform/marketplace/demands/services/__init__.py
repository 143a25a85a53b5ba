"""Every write to demands and bids, one file per family of verbs."""
