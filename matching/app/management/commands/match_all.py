"""Match all demands against all supply now, in this process, or tell how far the run under way is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from matching.app.services import nightly
from matching.app.services.pieces import do_piece


class Command(BaseCommand):
    help = "Match all demands against all supply now; several of these, and the workers, share the pieces of one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--progress", action="store_true", help="only tell how far the run under way is, and which one serves")

    def handle(self, **options: Any) -> None:
        for corpus in nightly.SUPPLY:
            if not options["progress"]:
                self._match(corpus, loudly=options["verbosity"] > 1)
            for told in nightly.progress(corpus):
                self.stdout.write(f"{corpus}: {_line(told)}")

    def _match(self, corpus: str, *, loudly: bool) -> None:
        run = nightly.begin(corpus)
        for piece_id in nightly.left(run):
            if do_piece(piece_id) and loudly:
                self.stdout.write(f"{corpus}: {_line(nightly.progress(corpus)[0])}")
        if nightly.finish(run):
            nightly.tidy()


def _line(told: nightly.Progress) -> str:
    if told.finished_at:
        return f"serves since {told.finished_at:%Y-%m-%d %H:%M:%S} UTC, {told.answered} of {told.demands} demands have matches"
    return f"under way, {told.done} of {told.pieces} pieces"
