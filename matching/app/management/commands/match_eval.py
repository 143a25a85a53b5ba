"""Measure the platform's own ranking on a labelled set."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching.engine.evaluating import evaluate, read_labelled_set


class Command(BaseCommand):
    help = "Print nDCG@10, Recall@100 and MRR@10 of the platform's ranking on a folder of corpus.jsonl, queries.jsonl and qrels.tsv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="the folder")
        parser.add_argument("--pool", action="store_true", help="rank only the judged documents of each query")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            labelled = read_labelled_set(options["dir"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{options['dir']} is not a labelled set: {error}") from error
        measured = evaluate(labelled, pool=options["pool"])
        if options["json"]:
            self.stdout.write(json.dumps(measured))
        else:
            for name, value in measured.items():
                self.stdout.write(f"{name:<11}{value:.4f}")
