"""Institutions pledge to a demand's campaign; what is earned is paid out to the beneficiary's bank."""
