"""Pages in the order of time, where an id may be its sender's own and says nothing of when."""

from marketplace.common.pagination import Keyset


class NewestPosted(Keyset):
    """Updates, the latest posted first."""

    ordering = ("-posted_at", "-id")


class NewestAsked(Keyset):
    """Questions, the latest asked first."""

    ordering = ("-asked_at", "-id")


class NewestOpened(Keyset):
    """Pools, the latest opened first."""

    ordering = ("-created_at", "-id")
