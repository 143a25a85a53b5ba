"""Who stands where demands look: how the places of the last night fell to institutions, the new and the small among them."""
