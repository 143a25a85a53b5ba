"""Supply: teams and what they can do, achievements, experts, and the files they are imported from."""
