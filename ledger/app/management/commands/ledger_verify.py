"""Hold the database against the log's own bytes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.app import selectors
from ledger.app.services.auditing import audit


class Command(BaseCommand):
    """Reads the whole log; an outsider uses `ledger/verify.py` instead, which trusts nothing here."""

    help = "核对账本 · Check entries, columns, tiles, checkpoints and kept values of the whole log."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = audit()
        for one in findings:
            place = "" if one.seq is None else f"seq {one.seq}: "
            self.stderr.write(f"{place}{one.words}")
        if findings:
            raise CommandError(f"账本有 {len(findings)} 处不符。{len(findings)} things are wrong with the log.")
        height = selectors.height()
        self.stdout.write(f"账本完好，共 {height} 条记录。The log is sound: {height} entries.")
