"""The house under bad luck: killed launchers and servers, taken ports, missing programs, full disks, redis away."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from marketplace.config.devstack import __main__ as devstack
from marketplace.config.devstack import binaries, children, demo, ports, postgres
from marketplace.config.devstack.servers import Servers, temporary_folder
from marketplace.config.devstack.trouble import AlreadyRunning, BinaryMissing, DiskFull, ServerDied
from marketplace.config.devstack.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
FROM_OUTSIDE = ("DATABASE_URL", "REDIS_URL", "MIGRATE_DATABASE_URL", "SEQUENCER_DATABASE_URL")
LAUNCHER = """
import time
from pathlib import Path
from marketplace.config.devstack import children, demo
from marketplace.config.devstack.servers import Servers
folder = Path({folder!r})
with demo.only_one(folder):
    servers = Servers(folder)
    servers.start()
    children.write_down(servers.children, folder / "running.json")
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with no server named from outside."""
    for name in FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    with temporary_folder("faults") as path:
        yield path


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Both servers, one pair for the file; whoever stops one or harms its folder mends it again."""
    with pytest.MonkeyPatch.context() as patch, temporary_folder("faults") as folder:
        for name in FROM_OUTSIDE:
            patch.delenv(name, raising=False)
        both = Servers(folder, durable=True)
        patch.undo()
        try:
            both.start()
            yield both
        finally:
            both.stop()


def environment() -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name not in FROM_OUTSIDE}
    return rest | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}


def ask(url: str, sentence: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sentence)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def test_what_was_committed_survives_a_killed_server_which_is_back_within_a_second(servers: Servers) -> None:
    server = servers.postgres
    assert server
    assert server.child
    ask(server.url("owner"), "CREATE TABLE kept (id int)")
    ask(server.url("owner"), "INSERT INTO kept VALUES (42)")
    server.child.kill()
    begun = time.monotonic()
    server.launch()
    assert ask(server.url("owner"), "SELECT id FROM kept") == [(42,)]
    assert time.monotonic() - begun < 5


def test_a_queue_survives_a_killed_valkey(servers: Servers) -> None:
    import redis

    server = servers.valkey
    assert server
    assert server.child
    with redis.Redis.from_url(server.url) as client:
        client.lpush("queue", "errand")
        client.execute_command("WAITAOF", 1, 0, 2000)
    server.child.kill()
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.lrange("queue", 0, -1) == [b"errand"]


def test_a_killed_launcher_leaves_no_server_and_no_lock_behind(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER.format(folder=str(folder))], stdout=subprocess.PIPE, text=True, env=environment()
    ) as launcher:
        assert launcher.stdout
        assert launcher.stdout.readline() == "up\n"
        with pytest.raises(AlreadyRunning, match="Ctrl-C"), demo.only_one(folder):
            pass
        launcher.send_signal(signal.SIGKILL)
        launcher.wait()
    with demo.only_one(folder):
        children.end_leftovers(folder / "running.json")
        again = Servers(folder)
        try:
            again.start()
            assert again.postgres
            assert ask(again.postgres.url("app"), "SELECT 1") == [(1,)]
        finally:
            again.stop()


def test_a_stale_pid_file_whose_number_was_used_again_is_no_obstacle(servers: Servers) -> None:
    server = servers.postgres
    assert server
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n1\n5432\n\n127.0.0.1\n", encoding="utf-8")
        try:
            server.launch()
            assert ask(server.url("app"), "SELECT 1") == [(1,)]
        finally:
            stranger.kill()


def test_secrets_are_readable_by_their_owner_alone_and_differ_by_role(servers: Servers) -> None:
    server = servers.postgres
    assert server
    assert server.secrets_file.stat().st_mode & 0o777 == 0o600
    assert len({server.url(role).split("@")[0].rpartition(":")[2] for role in ("owner", "app", "sequencer")}) == 3
    wrong = server.url("app").replace(":" + server._passwords()["app"] + "@", ":guess@")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(wrong, "SELECT 1")


def test_both_servers_listen_on_loopback_alone(servers: Servers) -> None:
    assert servers.postgres
    assert servers.valkey
    outside = next((address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)), ports.LOOPBACK)
    if outside.startswith("127."):
        pytest.skip("this machine has no address besides loopback")
    for port in (servers.postgres.port, servers.valkey.port):
        with socket.socket() as caller:
            assert caller.connect_ex((outside, port)) != 0


@pytest.mark.parametrize(
    ("variable", "zh", "en"),
    [
        (
            "PG_BIN",
            "在 {} 中找不到 postgres, initdb, psql。请运行 make install，或将 PG_BIN 指向 PostgreSQL 16 以上版本的 bin 目录。",
            "postgres, initdb, psql not found in {}. Run `make install`, or point PG_BIN at the bin folder of PostgreSQL 16 or newer.",
        ),
        (
            "VALKEY_SERVER",
            "找不到 {}。请运行 make install，或将 VALKEY_SERVER 指向 valkey-server 或 redis-server 程序。",
            "{} not found. Run `make install`, or point VALKEY_SERVER at a valkey-server or redis-server program.",
        ),
    ],
)
def test_a_missing_program_is_said_with_its_remedy_and_nothing_else(variable: str, zh: str, en: str, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    command = [sys.executable, "-m", "marketplace.config.devstack", "servers", "true"]
    env = environment() | {variable: nowhere}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"\n{zh.format(nowhere)}\n{en.format(nowhere)}\n")


def full(folder: Path) -> str:
    """What is said of a full disk."""
    return (
        f"{folder} 所在磁盘空间不足。请至少腾出 200 MB，或用 JINQIAO_DATA_DIR（临时目录用 TMPDIR）换一个目录，然后重试。\n"
        f"The disk of {folder} is full. Free at least 200 MB, or choose another folder with JINQIAO_DATA_DIR "
        "(TMPDIR if it is temporary), and try again."
    )


def test_a_disk_without_room_is_said_before_any_server_writes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LEAST_ROOM", 1 << 62)
    monkeypatch.setattr(Valkey, "start", lambda self: pytest.fail("Valkey was started"))
    with pytest.raises(DiskFull) as refusal:
        Servers(folder).start()
    assert (str(refusal.value), list(folder.iterdir())) == (full(folder), [])


@pytest.mark.parametrize(("filename", "where"), [(None, demo.FOLDER), ("/small/demo/lock", Path("/small/demo/lock"))])
def test_a_disk_that_is_full_in_the_middle_is_said_without_a_traceback(
    filename: str | None, where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(*, port: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", filename)

    monkeypatch.setattr(demo, "show", write)
    assert devstack.main(["demo"]) == 1
    assert capsys.readouterr().err == f"\n{full(where)}\n"


BROKEN_OFF = "mkdir -p data; touch data/half; echo 'FATAL: could not write: No space left on device' >&2; exit 1"


def programs(folder: Path, *, failing: str) -> Path:
    """PostgreSQL's programs, of which one writes half of its work and finds no more room on the disk."""
    real = binaries.postgres_bin()
    folder.mkdir()
    for name in ("postgres", "initdb", "psql", "pg_isready"):
        line = BROKEN_OFF if name == failing else f'exec {real / name} "$@"'
        (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_each_trouble_at_start_says_what_to_do_and_the_next_start_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "postgres"
    with monkeypatch.context() as missing:
        missing.setenv("PG_BIN", str(folder))
        with pytest.raises(BinaryMissing):
            postgres.Postgres(folder).start()
    with monkeypatch.context() as disk:
        disk.setattr(postgres, "LEAST_ROOM", 1 << 62)
        with pytest.raises(DiskFull) as before:
            postgres.Postgres(folder).start()
    assert (str(before.value), home.exists()) == (full(folder), False)
    for failing in ("initdb", "postgres"):
        with monkeypatch.context() as disk:
            disk.setenv("PG_BIN", str(programs(folder / f"no-room-for-{failing}", failing=failing)))
            with pytest.raises(DiskFull) as meanwhile:
                postgres.Postgres(folder, durable=False).start()
        assert str(meanwhile.value) == full(home)
    server = postgres.Postgres(folder, durable=False)
    try:
        server.start()
        assert ask(server.url("app"), "SELECT 1") == [(1,)]
        server.stop()
        with socket.socket() as other:
            other.bind((ports.LOOPBACK, 0))
            other.listen()
            with pytest.raises(ServerDied, match="Address already in use"):
                server.launch(port=other.getsockname()[1])
        server.launch()
        assert ask(server.url("app"), "SELECT 1") == [(1,)]
    finally:
        server.stop()


def test_a_server_that_cannot_start_says_why(servers: Servers) -> None:
    server = servers.postgres
    assert server
    server.stop()
    file = server.data / "postgresql.conf"
    proper = file.read_text(encoding="utf-8")
    file.write_text("nonsense = 1\n", encoding="utf-8")
    try:
        with pytest.raises(ServerDied, match="nonsense"):
            server.launch()
    finally:
        file.write_text(proper, encoding="utf-8")
        server.launch()
