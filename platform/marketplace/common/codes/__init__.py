"""Codes of public standards, kept as data with their editions: regions, industries, USCC, TRL, contracts."""
