"""Draw the tables of states into docs/workflow.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.workflow import diagrams


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # reads the tables alone
    help = "Draw every table of states into docs/workflow.md, between its markers; --check writes nothing and fails when it is out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.ROOT) / "docs" / "workflow.md"
        now = page.read_text(encoding="utf-8")
        drawn = diagrams.redrawn(now)
        if not options["check"]:
            page.write_text(drawn, encoding="utf-8")
        elif drawn != now:
            raise CommandError("docs/workflow.md is out of date: run `manage.py workflow_diagrams`.")
