"""Make the opener's key."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.demands.services import sealing


class Command(BaseCommand):
    help = "Make the opener's key in a new 0600 file; print the public half for OPENER_PUBLIC_KEY."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            public = sealing.write_key_file(options["file"])
        except FileExistsError:
            raise CommandError(f"{options['file']} exists: a key is never overwritten.") from None
        self.stdout.write(public)
