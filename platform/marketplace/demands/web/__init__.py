"""The pages of demands and bids."""
