"""The embedded servers and processes of development: PostgreSQL and Valkey from PyPI wheels, and all of Jinqiao on one machine."""
