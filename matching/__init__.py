"""The matcher: ranks supply against demand, and demand against supply, and says why."""
