"""Measure the platform's own ranking on a labelled set."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from psycopg2.errors import UndefinedTable  # type: ignore[import-untyped]  # the driver has no types

from matching.app.mixes import factors_in_force, mix_of
from matching.app.names import in_force
from matching.engine.evaluating import MEASURES, LabelledSet, Measured, evaluate, read_labelled_set
from matching.engine.index import Index
from matching.engine.lexicon import Lexicon, lexicon
from matching.engine.mixing import Mix

BASELINES = ("bm25", "tfidf")
UNREADABLE = (OperationalError, ProgrammingError)


class Command(BaseCommand):
    help = "Print nDCG@10, Recall@100 and MRR@10 of the platform's ranking on a folder of corpus.jsonl, queries.jsonl and qrels.tsv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dir", type=Path, help="the folder")
        parser.add_argument("--pool", action="store_true", help="rank only the judged documents of each query")
        parser.add_argument(
            "--baseline", choices=BASELINES, help="compare query by query with a plain ranking, by a paired randomisation test"
        )
        parser.add_argument(
            "--worst", type=int, default=0, metavar="N", help="name the N queries that fare worst (beside the baseline, if any)"
        )
        parser.add_argument("--mix", choices=("fixed", "learned"), default="fixed", help="the mix to measure; learned is the one in force")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            labelled = read_labelled_set(options["dir"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"{options['dir']} is not a labelled set: {error}") from error
        number, table = self._names()
        mix = self._mix() if options["mix"] == "learned" else None
        ours = evaluate(labelled, pool=options["pool"], index=Index.of(labelled.documents).knowing(table).mixing(mix))
        theirs = _baseline(options["baseline"], labelled, pool=options["pool"])
        found = _report(labelled, ours, theirs, worst=max(options["worst"], 0)) | {"lexicon": number}
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self._print(found, options["baseline"])

    def _names(self) -> tuple[int, Lexicon]:
        """The table of names as matching uses it; a measurement needs no database, and then says that it took the program's own."""
        try:
            return in_force()
        except UNREADABLE as error:
            _only_where_there_is_none(error)
            self.stderr.write("There is no database with a table of names: measured with the one that comes with the program.")
            return 0, lexicon()

    def _mix(self) -> Mix:
        try:
            factors = factors_in_force().values_list("version__factors", flat=True).first()
        except UNREADABLE as error:
            _only_where_there_is_none(error)
            raise CommandError("There is no database with mixes, and so no learned one.") from error
        mix = mix_of(factors)
        if mix is None:
            raise CommandError("No learned mix is switched on that this program knows: the fixed one holds.")
        return mix

    def _print(self, found: dict[str, Any], baseline: str | None) -> None:
        self.stdout.write(f"{found['queries']} queries, {found['documents']} documents, names of version {found['lexicon']}")
        for name in MEASURES:
            spread = found["spread"][name]
            line = f"{name:<11}{found[name]:.4f}"
            if spread:
                line += f"  ± {spread['deviation']:.3f}, quarters end at {spread['first']:.3f} {spread['median']:.3f} {spread['third']:.3f}"
            if baseline:
                beside = found["baseline"][name]
                line += f"; {baseline} {beside['mean']:.4f}, difference {beside['difference']:+.4f}, p = {beside['p']:.4f}"
            self.stdout.write(line)
        for row in found["worst"]:
            beside = f" ({baseline} {row['baseline']:.3f})" if baseline else ""
            self.stdout.write(f"{row['nDCG@10']:.3f}{beside}  {row['id']}  {row['text'][:60]}")


def _only_where_there_is_none(error: Exception) -> None:
    """Go on where there is no database, or one without this program's tables; whatever else is wrong with it is told as it is."""
    if isinstance(error, ProgrammingError) and not isinstance(error.__cause__, UndefinedTable):
        raise error


def _baseline(name: str | None, labelled: LabelledSet, *, pool: bool) -> Measured | None:
    if name is None:
        return None
    # scikit-learn takes a second to load.
    from matching.engine.comparing import evaluate_baseline  # noqa: PLC0415

    return evaluate_baseline(name, labelled, pool=pool)


def _report(labelled: LabelledSet, ours: Measured, theirs: Measured | None, *, worst: int) -> dict[str, Any]:
    found: dict[str, Any] = {name: ours.mean(name) for name in MEASURES}
    found["spread"] = {name: ours.spread(name) for name in MEASURES}
    found |= {"queries": len(labelled.queries), "documents": len(labelled.documents)}
    gains = dict(ours.values["nDCG@10"])
    if theirs is not None:
        from matching.engine.comparing import chance  # noqa: PLC0415

        found["baseline"] = {
            name: {"mean": theirs.mean(name), "difference": ours.mean(name) - theirs.mean(name), "p": chance(ours, theirs, name)}
            for name in MEASURES
        }
        gains = {id_: value - theirs.values["nDCG@10"][id_] for id_, value in gains.items()}
    # Beside a baseline those that lose most against it, otherwise those that reach least.
    lowest = sorted(gains, key=lambda id_: (gains[id_], id_))[:worst]
    found["worst"] = [_query(id_, labelled, ours, theirs) for id_ in lowest]
    return found


def _query(id_: str, labelled: LabelledSet, ours: Measured, theirs: Measured | None) -> dict[str, Any]:
    row = {"id": id_, "text": labelled.queries[id_].title, "nDCG@10": ours.values["nDCG@10"][id_]}
    return row if theirs is None else row | {"baseline": theirs.values["nDCG@10"][id_]}
