"""The demonstration world, played through the services."""
