"""A folder of versions, one of them current: the next is built beside it and takes its place at one stroke."""

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

_CURRENT = "current"


@dataclass(frozen=True)
class Shelf:
    """Versions of something that lies in a folder, for any number of readers and one builder at a time."""

    folder: Path

    def current(self) -> Path | None:
        """Return the folder of the current version, None where nothing was built yet."""
        try:
            return self.folder / (self.folder / _CURRENT).readlink()
        except FileNotFoundError:
            return None

    def replace(self, build: Callable[[Path], None]) -> bool:
        """Let `build` fill a new folder and make it current; False, and nothing done, where another process is building.

        Until then, and if the builder dies at any point, the former version stays current. Then it is removed, as is what a dead builder
        left: who has opened it keeps it, and who has only just learned its name asks again.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._sweep(self.current())
            fresh = self.folder / f"version-{uuid4().hex}"
            fresh.mkdir(mode=0o700)
            try:
                build(fresh)
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)  # the disk may be full of it
                raise
            pointer = self.folder / "next"
            pointer.symlink_to(fresh.name)
            _safe_on_disk(fresh)
            pointer.replace(self.folder / _CURRENT)
            _safe_on_disk(self.folder)
            self._sweep(fresh)
        return True

    def _sweep(self, kept: Path | None) -> None:
        (self.folder / "next").unlink(missing_ok=True)
        for folder in self.folder.glob("version-*"):
            if folder != kept:
                shutil.rmtree(folder)


def _safe_on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
