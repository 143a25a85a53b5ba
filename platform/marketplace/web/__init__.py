"""The page shell: what every page looks like, and the parts pages are put together from."""
