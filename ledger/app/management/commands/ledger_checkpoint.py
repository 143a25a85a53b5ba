"""Sign the log as it stands, and ask its witnesses to cosign."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.app import selectors
from ledger.app.services.cosigning import ask_all
from ledger.app.services.publishing import publish_checkpoint
from ledger.engine.errors import LedgerFault


class Command(BaseCommand):
    """Publishes a checkpoint when the log grew, has it cosigned, and prints the newest one."""

    help = "签署检查点 · Sign a checkpoint if the log grew, and print the newest one."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            publish_checkpoint()
            troubles = ask_all()
            published = selectors.latest_checkpoint()
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault
        if published is None:
            raise CommandError("账本为空，没有可签署的内容。The log is empty: there is nothing to sign.")
        for trouble in troubles:
            self.stderr.write(trouble)
        self.stdout.write(published.note, ending="")
