"""Valkey as a direct child: loopback, a random password, and an append-only file so that queues survive a restart."""

import secrets
import time
from pathlib import Path

import redis

from marketplace.config.devstack import binaries, ports
from marketplace.config.devstack.children import Child
from marketplace.config.devstack.trouble import ServerDied


class Valkey:
    """One server in `folder/valkey`. `durable=False` keeps nothing on disk."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.program = binaries.valkey_server()
        self.home = folder / "valkey"
        self.log = folder / "logs" / "valkey.log"
        self.durable = durable
        self.port = 0
        self.password = secrets.token_urlsafe(24)
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def start(self, *, port: int | None = None, seconds: float = 20) -> None:
        """Start it, by default on a new free port, and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = port or ports.free()
        settings = self.home / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f'bind {ports.LOOPBACK}\nport {self.port}\nrequirepass {self.password}\ndir {self.home}\nsave ""\n'
            f"appendonly {'yes' if self.durable else 'no'}\nmaxmemory-policy noeviction\n",
            encoding="utf-8",
        )
        self.child = Child("Valkey", [str(self.program), str(settings)], log=self.log, env={}, cwd=self.home)
        self._wait(seconds)

    def stop(self) -> None:
        if self.child:
            self.child.stop()
            self.child = None

    def _wait(self, seconds: float) -> None:
        assert self.child
        deadline = time.monotonic() + seconds
        while True:
            try:
                with redis.Redis.from_url(self.url) as client:
                    client.ping()
                    return
            except redis.exceptions.ConnectionError:
                self.child.require_alive()
            if time.monotonic() > deadline:
                self.child.kill()
                raise ServerDied(f"Valkey {seconds:.0f} 秒内未就绪。日志：{self.log}", f"Valkey was not ready in {seconds:.0f} s.")
            time.sleep(0.02)
