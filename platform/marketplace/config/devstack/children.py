"""Processes that end with their launcher: each leads a group of its own, is told to stop, and is written down while it lives."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from marketplace.config.devstack.trouble import ServerDied

PR_SET_PDEATHSIG = 1
PROC = Path("/proc")  # Linux has it; macOS has not, and `ps` is asked there
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Child:
    """One running program with its log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str],
        user: int | None = None,
        stop_with: signal.Signals = signal.SIGTERM,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.stop_with = stop_with
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**env, **ONE_THREAD},
                cwd=cwd,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
                start_new_session=True,
                preexec_fn=_end_with_parent(stop_with),  # noqa: PLW1509 - the launcher starts its children from one thread
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def require_alive(self) -> None:
        """Raise ServerDied with the last lines of the log when the program has ended."""
        if not self.alive:
            raise ServerDied(
                f"{self.name} 已退出（代码 {self.process.returncode}）。日志 {self.log}：\n{tail(self.log)}",
                f"{self.name} has ended (code {self.process.returncode}). Its log is {self.log}.",
            )

    def ask_to_stop(self) -> None:
        if self.alive:
            self.process.send_signal(self.stop_with)

    def stop(self, *, seconds: float = 10) -> None:
        """Ask it to stop, wait, and end its whole group if it did not."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill(self) -> None:
        """End it as `kill -9` would, with its group, and reap it."""
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()


def stop_all(children: Sequence[Child], *, seconds: float = 10) -> None:
    """Ask all to stop at once, then wait for each: the slowest decides, not the sum."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    for child in children:
        child.stop(seconds=max(0.1, deadline - time.monotonic()))


def tail(log: Path, *, lines: int = 15) -> str:
    """Return the last lines of a log, or nothing when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def write_down(children: Sequence[Child], path: Path) -> None:
    """Remember who runs, so that a launcher after a `kill -9` can clean up exactly these and nobody else."""
    path.write_text(json.dumps([{"pid": child.process.pid, "born": _born(child.process.pid)} for child in children]), encoding="utf-8")


def end_leftovers(path: Path) -> int:
    """End the processes that a killed launcher wrote down and that still live; return how many there were."""
    if not path.exists():
        return 0
    ended = 0
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        written = []
    for entry in written:
        if entry["born"] and _born(entry["pid"]) == entry["born"]:
            _signal_group(entry["pid"], signal.SIGTERM)
            ended += 1
            deadline = time.monotonic() + 10
            while _born(entry["pid"]) == entry["born"] and time.monotonic() < deadline:
                time.sleep(0.05)
            if _born(entry["pid"]) == entry["born"]:
                _signal_group(entry["pid"], signal.SIGKILL)
    path.unlink(missing_ok=True)
    return ended


def program_of(pid: int) -> str:
    """Return the name of the program that a process runs, without its folder; empty if it is gone."""
    if not PROC.is_dir():
        return _ask_ps(pid, "comm").rpartition("/")[2]
    try:
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _born(pid: int) -> str:
    """Return when a process started, which tells it from a later one with the same number; empty if it is gone."""
    if not PROC.is_dir():
        return "" if _ask_ps(pid, "stat").startswith("Z") else _ask_ps(pid, "lstart")
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _ask_ps(pid: int, column: str) -> str:
    """Return one column of `ps` for one process, in words and a time zone that no environment changes; empty if it is gone."""
    command = ["ps", "-o", f"{column}=", "-p", str(pid)]
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout.strip()


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """On Linux, have the kernel tell the child to stop when its launcher dies, even by `kill -9`."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))

    return before_exec
