"""Every read of accounts, already cut down to what the caller may see."""
