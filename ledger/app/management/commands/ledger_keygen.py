"""Make the key that signs the log's checkpoints."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.app import signing
from ledger.engine.errors import LedgerFault


class Command(BaseCommand):
    """Writes the private key to a new file of mode 0600 and prints the public one."""

    help = "生成账本签名密钥 · Make the key that signs the log's checkpoints, and print its public half."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, later named by LEDGER_KEY_FILE")
        parser.add_argument("--origin", required=True, help="the log's name, the same as LEDGER_ORIGIN")

    def handle(self, *args: Any, file: Path, origin: str, **options: Any) -> None:
        try:
            signer = signing.make_key(file, origin=origin)
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(signer.verifier.vkey)
