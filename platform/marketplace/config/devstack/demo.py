"""`make demo`: a lasting demonstration in var/demo, one launcher at a time, that leaves no process behind."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from marketplace.config.devstack import children, ports
from marketplace.config.devstack.stack import ROOT, SKIP_CHECKS, Stack
from marketplace.config.devstack.trouble import AlreadyRunning

FOLDER = Path(os.environ.get("JINQIAO_DATA_DIR") or ROOT / "var") / "demo"
LOADING = "loading"


class Interrupted(BaseException):
    """Somebody asked the launcher to stop."""


def show(*, port: int, folder: Path = FOLDER) -> None:
    """Run the demonstration until Ctrl-C or SIGTERM; first time with its data, later with what is there."""
    with asked_to_stop(), only_one(folder):
        chosen = ports.first_free_from(port)
        if chosen != port:
            print(f"端口 {port} 已被占用，改用 {chosen}。 Port {port} is taken; using {chosen}.")
        _forget_what_was_half_loaded(folder)
        print("津桥正在启动…… Jinqiao is starting …", flush=True)
        stack = Stack(folder, port=chosen, say=lambda line: print(line, flush=True))
        try:
            stack.start()
            logins = _fill_once(stack)
            print(f"\n津桥 Jinqiao  →  {stack.address}/    English  →  {stack.address}/en/\n\n{logins}\nCtrl-C 停止 stops it.", flush=True)
            while True:
                time.sleep(1)
                stack.require_alive()
        except Interrupted:
            print("\n正在停止…… Stopping …", flush=True)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stack.stop()


def reset(*, folder: Path = FOLDER) -> None:
    """Throw the demonstration's data away, so that the next start begins afresh."""
    with only_one(folder):
        _clear(folder)
    print("演示数据已清除。 The demonstration's data is gone.")


def _clear(folder: Path) -> None:
    """End what a killed launcher left running, then remove everything but the lock, which is held. The mark of a load goes last."""
    children.end_leftovers(folder / "running.json")
    mark = folder / LOADING
    for entry in sorted(folder.iterdir(), key=lambda path: path == mark):
        if entry.name == "lock":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _forget_what_was_half_loaded(folder: Path) -> None:
    """Begin afresh where the first load was broken off: half a world can be neither completed nor shown."""
    if (folder / LOADING).exists():
        _clear(folder)
        print("上次首次载入中断：已清除，重新开始。 The first load was broken off: it is cleared and begins anew.")


def _fill_once(stack: Stack) -> str:
    """Load the demonstration's data on first start; return the table of logins, kept for later starts."""
    table = stack.folder / "logins.txt"
    if not table.exists():
        begun = time.monotonic()
        mark = stack.folder / LOADING
        mark.touch()
        words = stack.manage("load_demo", SKIP_CHECKS, progress=True)
        table.write_text(words, encoding="utf-8")
        mark.unlink()
        print(f"  ✓ 演示数据 demonstration data  {time.monotonic() - begun:.1f} s", flush=True)
    return table.read_text(encoding="utf-8")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for this launcher. The kernel lets go of the lock however the launcher ends, so it is never stale.

    Raises AlreadyRunning.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"{folder} 正被另一个津桥使用。请先在那个终端按 Ctrl-C。",
                f"Another Jinqiao is using {folder}. Stop it first with Ctrl-C in its terminal.",
            ) from None
        yield


@contextmanager
def asked_to_stop() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into Interrupted, once; further ones do not disturb the stopping."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except Interrupted:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
