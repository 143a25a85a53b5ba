"""What the treasury does when the outbox is delivered."""

from marketplace.common import outbox
from marketplace.common.models import OutboxEvent
from marketplace.treasury.services import statements


@outbox.consumer("treasury.line_waiting", "treasury.offer_lines")
def offer_waiting_line(event: OutboxEvent) -> None:
    """Offer a bank line that carries no top-up reference to the rooms above."""
    statements.offer_line(event.object_id)
