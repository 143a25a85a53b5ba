"""Check the books and say what to do about whatever does not agree."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.treasury.services import checking


class Command(BaseCommand):
    help = "Recompute all balances from the transfers and hold them against the ledger and the bank; exit 1 when anything differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="how many findings to print in full")

    def handle(self, *args: Any, **options: Any) -> None:
        broken: dict[str, int] = {}
        for finding in checking.findings():
            code = finding.rule.code
            broken[code] = broken.get(code, 0) + 1
            if sum(broken.values()) <= options["limit"]:
                self.stderr.write(f"{code} {finding.what}: {finding.detail}")
        for rule in checking.rules():
            count = broken.get(rule.code, 0)
            self.stdout.write(f"{rule.code:4} {'✓' if not count else f'✗ {count}'} {rule.title}")
            if count:
                self.stderr.write(f"{rule.code} → {rule.advice}")
        if broken:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS("✓ 账目全部一致 · The books are clean"))
