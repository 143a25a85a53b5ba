"""The demonstration's mail: stored for reading on a page instead of sent."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from marketplace.common import clock
from marketplace.notices.models import StoredMail


class StoredMailBackend(BaseEmailBackend):
    """Keeps each message for each receiver, with the headers it was given; the settings of production never name it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        now = clock.now()
        rows = [
            StoredMail(
                to=to.lower(), subject=message.subject[:300], body=str(message.body), headers=dict(message.extra_headers), created_at=now
            )
            for message in email_messages
            for to in message.recipients()
        ]
        StoredMail.objects.bulk_create(rows)
        return len(email_messages)
