"""Two programs for a server that will be killed: `python tests/factories/ledger_under_fire.py writers FILE | sequencers FILE SEED`.

`writers` are eight threads that write down each intent's id once its commit was acknowledged. `sequencers` are three rival sequencers,
as in life; one after another is killed with signal 9 and replaced, and the number of kills is written down. Both go on until they are
told to stop.
"""

import os
import random
import signal
import sys
import threading
import time
from io import StringIO
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - what follows may be imported only once Django is set up
from django.db import InterfaceError, OperationalError, connections  # noqa: E402

from tests.factories.recorded import record  # noqa: E402

WRITERS, RIVALS = 8, 3


def write(file: Path) -> None:
    stop, lock = threading.Event(), threading.Lock()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def one() -> None:
        while not stop.is_set():
            try:
                acknowledged = record()
            except (OperationalError, InterfaceError):
                # Not acknowledged: it may have been committed or not.
                connections["default"].close()
                stop.wait(0.1)
                continue
            with lock, file.open("a") as lines:
                lines.write(f"{acknowledged}\n")
            stop.wait(0.02)

    threads = [threading.Thread(target=one) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rival() -> int:
    """Fork, for starting Python and Django anew each time would leave little time to be killed in."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        call_command("ledger_sequence", "--forever", stdout=StringIO())
        code = 0
    except BaseException as error:  # noqa: BLE001 - said, and the process ends
        print(repr(error), file=sys.stderr, flush=True)
    os._exit(code)


def kill_rivals(file: Path, seed: int) -> None:
    stop, chance, kills = threading.Event(), random.Random(seed), 0
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    rivals = [rival() for _ in range(RIVALS)]
    while not stop.is_set():
        time.sleep(chance.uniform(0.02, 0.3))
        place = chance.randrange(RIVALS)
        alive = os.waitpid(rivals[place], os.WNOHANG) == (0, 0)
        if alive:
            os.kill(rivals[place], signal.SIGKILL)
            os.waitpid(rivals[place], 0)
            kills += 1
            file.write_text(str(kills))
        else:
            # It found no server, and ended by itself.
            time.sleep(0.2)
        rivals[place] = rival()
    for one in rivals:
        os.kill(one, signal.SIGKILL)
        os.waitpid(one, 0)


if __name__ == "__main__":
    if sys.argv[1] == "writers":
        write(Path(sys.argv[2]))
    else:
        kill_rivals(Path(sys.argv[2]), int(sys.argv[3]))
