"""Learn a mix of field scores from labelled pairs and from what people did, and say whether it is better than the fixed one."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.common import clock
from marketplace.demands.services.signals import signals
from matching.app.services.mixing import keep_mix, learn_mix


class Command(BaseCommand):
    help = "Learn a mix and print its nDCG@10 on demands held out, beside the fixed mix's; with --keep, keep it as a version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dirs", type=Path, nargs="*", metavar="dir", help="folders of corpus.jsonl, queries.jsonl and qrels.tsv")
        parser.add_argument(
            "--signals",
            action="store_true",
            help="learn from words on matches, questions about supply, opened bids and signed agreements too",
        )
        parser.add_argument("--keep", action="store_true", help="keep the mix with its figures; it stays off until somebody switches it on")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        told = signals() if options["signals"] else []
        if not options["dirs"] and not told:
            raise CommandError("There is nothing to learn from: name a folder, or --signals where people have done anything yet.")
        try:
            found = learn_mix(folders=options["dirs"], signals=told)
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(f"That is not a labelled set: {error}") from error
        sources = [folder.name for folder in options["dirs"]] + (["signals"] if told else [])
        kept = keep_mix(found, sources=sources, by=None, at=clock.now()) if options["keep"] else None
        figures: dict[str, Any] = {
            "sources": sources,
            "demands": found.demands,
            "pairs": found.pairs,
            "fixed": found.fixed.mean("nDCG@10"),
            "learned": found.learned.mean("nDCG@10"),
            "p": found.chance,
            "holds": found.holds,
            "factors": dict(found.mix.factors),
            "sha256": found.mix.sha256,
            "number": kept.number if kept else None,
        }
        self.stdout.write(json.dumps(figures) if options["json"] else _told(figures))


def _told(figures: dict[str, Any]) -> str:
    difference = figures["learned"] - figures["fixed"]
    lines = [
        f"{figures['demands']} demands, {figures['pairs']} pairs, from {', '.join(figures['sources'])}",
        f"nDCG@10 held out: learned {figures['learned']:.4f}, fixed {figures['fixed']:.4f}",
        f"difference {difference:+.4f}, p = {figures['p']:.4f}",
        "The gate holds: the mix may be switched on." if figures["holds"] else "The gate does not hold: the fixed mix stays.",
    ]
    lines += [f"  {factor / 1000:.3f}  {name}" for name, factor in sorted(figures["factors"].items(), key=lambda one: -one[1])]
    return "\n".join(lines + ([f"Kept as mix {figures['number']}."] if figures["number"] else []))
