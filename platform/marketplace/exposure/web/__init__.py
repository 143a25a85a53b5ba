"""The page of exposure."""
