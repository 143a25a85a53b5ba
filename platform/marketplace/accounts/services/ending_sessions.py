"""Sessions that have run out leave the database."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from marketplace.common import clock


def purge_expired() -> int:
    """Delete sessions past their end, and what was noted of them for their owner's list; returns how many sessions."""
    gone, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    still_there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(still_there)).delete()
    return gone
