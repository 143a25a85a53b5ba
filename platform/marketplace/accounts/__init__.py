"""People, organisations, memberships, the platform's staff, and the keys of machines."""
