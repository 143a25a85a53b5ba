"""PostgreSQL as a direct child: three roles with random passwords, loopback only, never as root."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from marketplace.config.devstack import binaries, ports
from marketplace.config.devstack.children import Child, program_of, tail
from marketplace.config.devstack.trouble import DevstackError, DiskFull, ServerDied

NOBODY = 65534
SUPERUSER = "postgres"
DATABASE = "jinqiao"
ROLES = {
    "owner": ("JINQIAO_OWNER_ROLE", "jinqiao_owner"),
    "app": ("JINQIAO_APP_ROLE", "jinqiao_app"),
    "sequencer": ("JINQIAO_SEQUENCER_ROLE", "jinqiao_sequencer"),
}
ROLES_SQL = Path(__file__).with_name("roles.sql")
LEAST_ROOM = 200 * 1024 * 1024


class Postgres:
    """One cluster in `folder/postgres`. `durable=False` gives up safety against power loss, for tests that throw the data away."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.bin = binaries.postgres_bin()
        self.home = folder / "postgres"
        self.data = self.home / "data"
        self.log = folder / "logs" / "postgres.log"
        self.secrets_file = folder / "postgres.secret.json"
        self.durable = durable
        self.port = 0
        self.child: Child | None = None
        self.user, self.prefix = _not_root(self.bin, folder)

    def start(self, *, seconds: float = 60) -> None:
        """Make the cluster on first use, start it on a free loopback port and wait until it answers."""
        require_room(self.home.parent)
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._initdb()
        self.launch(seconds=seconds)
        if fresh or not (self.home / "ready").exists():
            self._make_roles()

    def launch(self, *, port: int | None = None, seconds: float = 60) -> None:
        """Start the server of an existing cluster, by default on a new free port."""
        self._forget_a_strangers_number()
        self.port = port or ports.free()
        command = [*self.prefix, str(self.bin / "postgres"), *self._options()]
        self.child = Child("PostgreSQL", command, log=self.log, env=self._env(), user=self.user, stop_with=signal.SIGINT, cwd=self.home)
        self._wait(seconds)

    def stop(self) -> None:
        """Stop fast: sessions are ended, nothing committed is lost."""
        if self.child:
            self.child.stop(seconds=20)
            self.child = None

    def url(self, role: str) -> str:
        """Return the address of the database for one of owner, app, sequencer; it holds the role's password."""
        return f"postgres://{self.role_name(role)}:{self._passwords()[role]}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def role_name(self, role: str) -> str:
        variable, default = ROLES[role]
        return os.environ.get(variable, default)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "password_encryption": "scram-sha-256",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_line_prefix": "%m [%p] %u ",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}
            # Passwords of roles that live for minutes on the loopback: what makes guessing dear makes every connection dear.
            settings["scram_iterations"] = "1"
        return ["-D", str(self.data), *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))]

    def _initdb(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, mode=0o700)
        if self.user is not None:
            os.chown(self.home, self.user, self.user)
        passwords = {name: secrets.token_urlsafe(24) for name in ("superuser", *ROLES)}
        _write_secret(self.secrets_file, json.dumps(passwords))
        password_file = self.home / "initial-password"
        _write_secret(password_file, passwords["superuser"], owner=self.user)
        command = [
            *self.prefix, str(self.bin / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "--auth=scram-sha-256",
            f"--pwfile={password_file}", "--encoding=UTF8", *locale_words(sys.platform), *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        done = subprocess.run(
            command, env=self._env(), user=self.user, group=self.user, extra_groups=[] if self.user is not None else None,
            cwd=self.home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        password_file.unlink(missing_ok=True)
        if done.returncode:
            if "No space left" in done.stderr:
                raise no_room(self.home)
            raise ServerDied(f"initdb 失败：\n{done.stderr}", "initdb failed; its words stand above.")

    def _make_roles(self) -> None:
        """Make the roles in template1, so that test databases inherit their grants too, and the database itself."""
        passwords = self._passwords()
        env = self._env() | {"PGPASSWORD": passwords["superuser"]}
        for role, (variable, _) in ROLES.items():
            env[variable] = self.role_name(role)
            env[variable.replace("_ROLE", "_PASSWORD")] = passwords[role]
        connect = [str(self.bin / "psql"), "-X", "-q", "-h", ports.LOOPBACK, "-p", str(self.port), "-U", SUPERUSER, "-d", "template1"]
        owner = self.role_name("owner")
        steps = [
            [*connect, "-f", str(ROLES_SQL)],
            [*connect, "-c", f'ALTER DATABASE template1 OWNER TO {SUPERUSER}', "-c", f'ALTER ROLE "{owner}" CREATEDB',
             "-c", f'CREATE DATABASE {DATABASE} OWNER "{owner}"'],
        ]  # fmt: skip
        for step in steps:
            done = subprocess.run(step, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ServerDied(f"建立数据库角色失败：\n{done.stderr}", "Making the database roles failed; the words stand above.")
        (self.home / "ready").touch()

    def _wait(self, seconds: float) -> None:
        assert self.child
        probe = [str(self.bin / "pg_isready"), "-q", "-h", ports.LOOPBACK, "-p", str(self.port)]
        deadline = time.monotonic() + seconds
        while subprocess.run(probe, env=self._env(), check=False).returncode:
            if not self.child.alive and "No space left" in tail(self.log):
                raise no_room(self.home)
            self.child.require_alive()
            if time.monotonic() > deadline:
                self.child.kill()
                raise ServerDied(f"PostgreSQL {seconds:.0f} 秒内未就绪。日志：{self.log}", f"PostgreSQL was not ready in {seconds:.0f} s.")
            time.sleep(0.03)

    def _forget_a_strangers_number(self) -> None:
        """Remove a pid file of a server that is gone when its number now belongs to some other program."""
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        number = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        if number.isdecimal() and program_of(int(number)) not in {"", "postgres"}:
            file.unlink()

    def _passwords(self) -> dict[str, str]:
        stored: dict[str, str] = json.loads(self.secrets_file.read_text(encoding="utf-8"))
        return stored

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C" if sys.platform == "darwin" else "C.UTF-8", "TZ": "UTC"}


def locale_words(platform: str) -> list[str]:
    """Return what initdb is told, so that text sorts by code point and letters are Unicode's on every platform.

    macOS has no C.UTF-8; its UTF-8 knows letters alone, so it can be named for these and not for everything (LC_ALL).
    """
    return ["--locale=C", "--lc-ctype=UTF-8"] if platform == "darwin" else ["--locale=C.UTF-8"]


def require_room(folder: Path) -> None:
    """Raise DiskFull when the folder's disk has less than the least room (200 MB)."""
    if shutil.disk_usage(folder).free < LEAST_ROOM:
        raise no_room(folder)


def no_room(folder: Path) -> DiskFull:
    return DiskFull(
        f"{folder} 所在磁盘空间不足。请至少腾出 200 MB，或用 JINQIAO_DATA_DIR（临时目录用 TMPDIR）换一个目录，然后重试。",
        f"The disk of {folder} is full. Free at least 200 MB, or choose another folder with JINQIAO_DATA_DIR "
        "(TMPDIR if it is temporary), and try again.",
    )


def _write_secret(path: Path, text: str, *, owner: int | None = None) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if owner is not None:
        os.chown(path, owner, owner)


def _not_root(bin_folder: Path, folder: Path) -> tuple[int | None, list[str]]:
    """Choose how not to run PostgreSQL as root: as ourselves, as nobody where every parent lets it through, else in a user namespace."""
    if os.geteuid() != 0:
        return None, []
    if all(parent.stat().st_mode & 0o001 for path in (bin_folder.resolve(), folder.resolve()) for parent in (path, *path.parents)):
        return NOBODY, []
    unshare = shutil.which("unshare")
    if unshare:
        return None, [unshare, "--user", "--map-user=1000", "--map-group=1000"]
    raise DevstackError(
        "PostgreSQL 不能以 root 身份运行。请换普通用户运行，或把项目放在其他用户可进入的目录。",
        "PostgreSQL refuses to run as root. Run this as an ordinary user, or keep the project in a folder that others may enter.",
    )
