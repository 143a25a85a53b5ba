"""Both servers of one data folder, and the environment by which every process finds them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.config.devstack.children import Child
from marketplace.config.devstack.postgres import Postgres, require_room
from marketplace.config.devstack.valkey import Valkey


class Servers:
    """PostgreSQL and Valkey in one folder; what the environment already names (DATABASE_URL, REDIS_URL) is not started."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.postgres = None if os.environ.get("DATABASE_URL") else Postgres(folder, durable=durable)
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(folder, durable=durable)

    def start(self) -> None:
        """Start what is missing, on a disk with room for it; raises DiskFull before anything is begun."""
        if self.valkey or self.postgres:
            require_room(self.folder)
        if self.valkey:
            self.valkey.start()
        if self.postgres:
            self.postgres.start()

    def stop(self) -> None:
        """Stop both; the data stays."""
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()

    @property
    def children(self) -> list[Child]:
        return [server.child for server in (self.postgres, self.valkey) if server and server.child]

    def environment(self, *roles: str) -> dict[str, str]:
        """Return the variables by which a process reaches both servers; `owner` and `sequencer` only where asked for."""
        variables: dict[str, str] = {"JINQIAO_DATA_DIR": str(self.folder)}
        if self.postgres:
            variables["DATABASE_URL"] = self.postgres.url("app")
            if "owner" in roles:
                variables["MIGRATE_DATABASE_URL"] = self.postgres.url("owner")
            if "sequencer" in roles:
                variables["SEQUENCER_DATABASE_URL"] = self.postgres.url("sequencer")
        if self.valkey:
            variables["REDIS_URL"] = self.valkey.url
        return variables


@contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """Give a folder that other users may pass through but not list, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"jinqiao-{purpose}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
