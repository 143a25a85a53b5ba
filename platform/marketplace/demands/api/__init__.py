"""The demands of the API: HTTP in, HTTP out."""
