"""Agreements: the technology contract, its signatures, milestones, and shares of later revenue."""
