"""What the web server's workers count, in files of one folder: whoever asks one of them is told of all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import cast

from prometheus_client import REGISTRY, CollectorRegistry, multiprocess, values
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the name by which the library, too, finds the folder


class Seat:
    """Whose files this process counts in. A worker takes the seat, and goes on with the counts, of one that has gone."""

    name = "parent"


def begin() -> None:
    """Count in files from here on; those of an earlier run are removed. To be called before anything is counted."""
    folder = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="jinqiao-figures-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _empty(folder)
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: Seat.name)  # type: ignore[no-untyped-call]  # the library leaves these untyped


def take(seat: int) -> None:
    """Let this process, just forked, count in the files of this seat."""
    Seat.name = str(seat)


def leave(seat: int) -> None:
    """Forget what was true only while the process on this seat lived; what it counted stays."""
    multiprocess.mark_process_dead(seat)  # type: ignore[no-untyped-call]  # as above


def end() -> None:
    """Remove the files, and the folder where it held nothing else: nobody counts any more."""
    folder = Path(os.environ[FOLDER])
    _empty(folder)
    with suppress(OSError):
        folder.rmdir()


def join(registry: CollectorRegistry) -> None:
    """Have a registry tell what all processes of this web server count, or this one alone where it serves alone."""
    if os.environ.get(FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # as above
    else:
        registry.register(cast("Collector", REGISTRY))  # it can be collected from, though its class does not say so


def _empty(folder: Path) -> None:
    for file in folder.glob("*.db"):
        file.unlink()
