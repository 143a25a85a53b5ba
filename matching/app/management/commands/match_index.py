"""Load every stored corpus as a worker would, or build its files first."""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from matching.app.memory import index_of
from matching.app.models import Corpus
from matching.app.names import in_force
from matching.app.storage import build


class Command(BaseCommand):
    help = "Load every corpus as a worker does, and say that it can be searched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--build", action="store_true", help="build the files that all processes share, and change over to them")
        parser.add_argument(
            "--stats", action="store_true", help="add generation, terms, postings, segments, tombstones, memory and seconds"
        )

    def handle(self, **options: Any) -> None:
        for corpus in Corpus.objects.order_by("name"):
            if options["build"] and not build(corpus):
                self.stdout.write(f"{corpus.name}: another process is building")
            start = perf_counter()
            index = index_of(corpus.name)
            seconds = perf_counter() - start
            line = f"{corpus.name}: {len(index)} documents"
            if options["stats"]:
                line += (
                    f", generation {corpus.generation}, {index.terms} terms, {index.postings} postings"
                    f", usual length {index.statistics.usual_length}, {len(index.parts)} segments, {index.tombstones} tombstones"
                    f", {index.own_bytes / 2**20:.1f} MiB of its own arrays, loaded in {seconds:.2f} s"
                )
            self.stdout.write(line)
        if options["stats"]:
            number, table = in_force()
            self.stdout.write(f"names: version {number}, {len(table.terms_of)} concepts")
