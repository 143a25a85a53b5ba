"""All of Jinqiao on one machine: both servers, the migrations, and every process with exactly the secrets it may know."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from ledger.app import signing
from ledger.engine.notes import Signer
from ledger.witness.store import Store
from marketplace.config.devstack import children, ports
from marketplace.config.devstack.children import Child
from marketplace.config.devstack.servers import Servers
from marketplace.config.devstack.trouble import DevstackError, ServerDied
from marketplace.demands.services import sealing

ROOT = Path(__file__).resolve().parents[4]
MANAGE = (sys.executable, str(ROOT / "manage.py"))
CELERY = (sys.executable, "-m", "celery", "-A", "marketplace.config", "--quiet")
ORIGIN = "demo.jinqiao.example/ledger"
WITNESS = "witness.demo.jinqiao.example/1"
STRANGER = "stranger"
# Django's checks read every page's code, once in each process that starts; here that is `make lint`'s to do.
SKIP_CHECKS = "--skip-checks"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LOG_LEVEL", "DEBUG", "METRICS_TOKEN")

Say = Callable[[str], None]


class Stack:
    """Everything that runs for one data folder.

    Only the sequencer knows the ledger's signing key and role; only the opener knows the key that opens sealed bids; nobody but
    the migrations knows the owner's role. The witness knows nothing but its own folder; being ours, it is not independent, and
    the pages say so.
    """

    def __init__(
        self, folder: Path, *, port: int, say: Say, durable: bool = True, extra: Mapping[str, str] | None = None, migrate: bool = True
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = port
        self.say = say
        self.servers = Servers(folder, durable=durable)
        self.extra = dict(extra or {})
        self.migrates = migrate
        self.processes: list[Child] = []
        self._watched_from = ""

    @property
    def address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start in order: servers, keys, tables, then all processes at once; return when the site says that it is ready."""
        begun = time.monotonic()
        children.end_leftovers(self._running)
        self.servers.start()
        self._write_down()
        self._told(begun, "PostgreSQL, Valkey")
        begun = time.monotonic()
        self.manage("migrate", "--database", "owner", "--no-input", "--verbosity", "0", SKIP_CHECKS, roles=("owner",))
        self._make_keys()
        self._told(begun, "数据表与密钥 tables and keys")
        begun = time.monotonic()
        self._start_processes()
        self.wait_until_ready()
        self._told(begun, "网站、任务、定序、开标、见证 web, worker, beat, sequencer, opener, witness")

    def stop(self) -> None:
        """End every process, then the servers; the data stays."""
        children.stop_all(self.processes)
        self.processes = []
        self.servers.stop()
        self._running.unlink(missing_ok=True)

    def manage(self, *arguments: str, roles: tuple[str, ...] = (), progress: bool = False) -> str:
        """Run a management command to its end and return what it printed; raises DevstackError with its words when it fails.

        With `progress` what it says on the way (stderr) is shown at once; log lines would drown it, so only warnings join it.
        """
        done = subprocess.run(
            [*MANAGE, *arguments], env=self.environment(*roles, LOG_LEVEL="WARNING"), cwd=ROOT, stdout=subprocess.PIPE,
            stderr=None if progress else subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DevstackError(
                f"manage.py {arguments[0]} 失败：\n{(done.stderr or '').strip()}", f"manage.py {arguments[0]} failed; see above."
            )
        return done.stdout or ""

    def environment(self, *roles: str, **more: str) -> dict[str, str]:
        """Return the environment of a process of this stack; keys and other roles only where they are asked for, a stranger's has none."""
        paths = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "platform"))), "PYTHONUNBUFFERED": "1"}
        if STRANGER in roles:
            return {**{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}, **children.ONE_THREAD, **paths, **more}
        kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(("JINQIAO_", "RATE_", "WEB_"))}
        outside = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        if "owner" in roles and os.environ.get("MIGRATE_DATABASE_URL"):
            outside["MIGRATE_DATABASE_URL"] = os.environ["MIGRATE_DATABASE_URL"]
        if "sequencer" in roles and os.environ.get("SEQUENCER_DATABASE_URL"):
            outside["SEQUENCER_DATABASE_URL"] = os.environ["SEQUENCER_DATABASE_URL"]
        return {
            **kept,
            **children.ONE_THREAD,
            **paths,
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings.dev",
            "SECRET_KEY": self._site_secret(),
            "SITE_URL": self.address,
            "LEDGER_ORIGIN": ORIGIN,
            **outside,
            **self.servers.environment(*roles),
            "CELERY_SKIP_CHECKS": "1",
            # Compiled loops belong to the program and the machine, not to the data: a new folder of data needs no new ones.
            "NUMBA_CACHE_DIR": str(ROOT / "var" / "compiled"),
            **self.extra,
            **more,
        }

    def wait_until_ready(self, *, seconds: float = 90) -> None:
        """Wait until /readyz answers 200; raises ServerDied when a process ends before, or after the time with what is missing."""
        deadline = time.monotonic() + seconds
        answer = ""
        while time.monotonic() < deadline:
            self.require_alive()
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):  # noqa: S310 - our own address
                    return
            except urllib.error.HTTPError as refusal:
                answer = refusal.read().decode(errors="replace")
            except OSError:
                pass
            time.sleep(0.1)
        raise ServerDied(f"{seconds:.0f} 秒内网站未就绪：{answer}", f"The site was not ready within {seconds:.0f} s: {answer}")

    def require_alive(self) -> None:
        """Raise ServerDied when a server or process has ended by itself."""
        for child in (*self.servers.children, *self.processes):
            child.require_alive()

    @property
    def _running(self) -> Path:
        return self.folder / "running.json"

    def _start_processes(self) -> None:
        celery = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
        self._run("web", [sys.executable, "-m", "gunicorn", "-c", "python:marketplace.config.webserver", "marketplace.config.wsgi"],
                  WEB_BIND=f"{ports.LOOPBACK}:{self.port}", WEB_PRELOAD="1",
                  PROMETHEUS_MULTIPROC_DIR=str(self.folder / "figures"))  # fmt: skip
        self._run(
            "witness", [sys.executable, "-m", "ledger.witness", "serve", str(self.witness.folder), "--bind", self._watched_from], STRANGER
        )
        self._run("sequencer", [*MANAGE, "ledger_sequence", "--forever", SKIP_CHECKS], "sequencer", LEDGER_KEY_FILE=str(self.ledger_key))
        self._run("worker", [*celery, "-Q", "default,matching", "-n", "worker@jinqiao", "--pool", "threads", "--concurrency", "2"])
        self._run("opener", [*celery, "-Q", "opener", "-n", "opener@jinqiao", "--pool", "solo"], OPENER_KEY_FILE=str(self.opener_key))
        self._run("beat", [*CELERY, "beat", "--loglevel", "WARNING", "--schedule", str(self.folder / "beat.db"), "--pidfile="])

    def _run(self, name: str, command: list[str], *roles: str, **more: str) -> None:
        log = self.folder / "logs" / f"{name}.log"
        self.processes.append(Child(name, command, log=log, env=self.environment(*roles, **more), cwd=ROOT))
        self._write_down()

    def _write_down(self) -> None:
        children.write_down([*self.processes, *self.servers.children], self._running)

    def _told(self, begun: float, what: str) -> None:
        self.say(f"  ✓ {what}  {time.monotonic() - begun:.1f} s")

    @property
    def ledger_key(self) -> Path:
        return self.folder / "keys" / "ledger.key"

    @property
    def witness(self) -> Store:
        return Store(self.folder / "witness")

    @property
    def opener_key(self) -> Path:
        return self.folder / "keys" / "opener.key"

    def _make_keys(self) -> None:
        """Make the three keys on first start; the public halves of the opener's and the witness's become known to everybody."""
        self.ledger_key.parent.mkdir(mode=0o700, exist_ok=True)
        if not self.ledger_key.exists():
            signing.make_key(self.ledger_key, origin=ORIGIN)
        public = self.folder / "keys" / "opener.public"
        if not public.exists():
            self.opener_key.unlink(missing_ok=True)
            public.write_text(sealing.write_key_file(self.opener_key), encoding="ascii")
        self.extra["OPENER_PUBLIC_KEY"] = public.read_text(encoding="ascii")
        if not (self.witness.folder / "key").exists():
            Store.create(self.witness.folder, name=WITNESS)
        self.witness.trust(Signer.parse(self.ledger_key.read_text(encoding="ascii")).verifier.vkey)
        self._watched_from = f"{ports.LOOPBACK}:{ports.free()}"
        self.extra["LEDGER_WITNESSES"] = f"http://{self._watched_from} {self.witness.key().cosigner.vkey} ours"

    def _site_secret(self) -> str:
        file = self.folder / "site.secret.json"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(json.dumps(secrets.token_urlsafe(48)), encoding="utf-8")
        secret: str = json.loads(file.read_text(encoding="utf-8"))
        return secret
