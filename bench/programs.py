"""A measured program is a process of its own: what it took by the clock, of the processors, and at most of memory."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

# The largest resident memory of a program, in KiB; asked by a small process, since a child's begins at its parent's.
RESIDENT = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, seconds of its processor time, and MiB of resident memory at its largest."""

    seconds: float
    processor: float
    memory: float


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> Spent:
    """Run a program to its end; CalledProcessError where it fails, with its words above."""
    asked = [sys.executable, "-c", RESIDENT, *command]
    said = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout.split()
    return Spent(float(said[0]), float(said[1]), int(said[2]) / 1024)


def environment_of_an_app() -> dict[str, str]:
    """What a process of the platform with the app role alone is given, to speak to the measurement's own database."""
    from django.db import connections  # noqa: PLC0415 - after set_up()

    server = urlsplit(os.environ["DATABASE_URL"])
    address = f"{server.scheme}://{server.netloc}/{connections['default'].settings_dict['NAME']}"
    kept = {name: value for name, value in os.environ.items() if name not in ("MIGRATE_DATABASE_URL", "SEQUENCER_DATABASE_URL")}
    return {**kept, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.dev"}
