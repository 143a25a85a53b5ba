"""Load every stored corpus as a worker would."""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from matching.app.memory import index_of
from matching.app.models import Corpus


class Command(BaseCommand):
    help = "Load every corpus into memory as a worker does, and say that it can be searched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stats", action="store_true", help="add generation, terms, postings, segments, tombstones, memory and seconds"
        )

    def handle(self, **options: Any) -> None:
        for corpus in Corpus.objects.order_by("name"):
            start = perf_counter()
            index = index_of(corpus.name)
            seconds = perf_counter() - start
            line = f"{corpus.name}: {len(index)} documents"
            if options["stats"]:
                line += (
                    f", generation {corpus.generation}, {len(index.vocabulary)} terms, {index.postings} postings"
                    f", usual length {index.statistics.usual_length}, {len(index.parts)} segments, {index.tombstones} tombstones"
                    f", {index.array_bytes / 2**20:.1f} MiB of arrays, loaded in {seconds:.2f} s"
                )
            self.stdout.write(line)
