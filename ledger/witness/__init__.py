"""A witness: a small program that anybody may run to watch that a log only ever grows, and to sign that it saw so."""
