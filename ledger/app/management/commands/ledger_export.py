"""Write the signed log as static files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.app.services.exporting import export
from ledger.engine.errors import LedgerFault


class Command(BaseCommand):
    """Exports what `ledger/verify.py log` and `ledger/verify.py export` read."""

    help = "导出账本 · Write checkpoint, keys, tiles, entry bundles and entries.jsonl under a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            count = export(folder)
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"已导出 {count} 条记录。{count} entries exported.")
