"""Demands, bids, claims and awards (众包 crowdsourcing)."""
